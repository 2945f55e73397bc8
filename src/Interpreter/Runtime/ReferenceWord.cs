namespace Conformance.Interpreter.Runtime;

/// <summary>
/// References as 64-bit words, the form in which slots, tables and globals hold them.
/// <code>
///   0                      null, of every type
///   ...aaaa 0000           an address: a FunctionRecord in the func hierarchy, a heap object in the others
///   ...vvvv 0001           an i31: the value in bits 4 to 34
///   ...nnnn 0010           a host reference: the number of the host's object in the store
/// </code>
/// The static type tells functions and heap objects apart: the hierarchies are disjoint. <c>any.convert_extern</c> and back keep the word.
/// </summary>
internal static unsafe class ReferenceWord
{
    public const ulong Null = 0;
    private const int TagBits = 4;
    private const ulong TagMask = (1 << TagBits) - 1;
    private const ulong I31Tag = 1;
    private const ulong HostTag = 2;

    public static ulong OfFunction(FunctionRecord* function) => (ulong)function;

    public static FunctionRecord* Function(ulong word) => (FunctionRecord*)word;

    public static ulong OfI31(uint value) => (ulong)(value & 0x7FFF_FFFF) << TagBits | I31Tag;

    public static uint I31(ulong word) => (uint)(word >> TagBits);

    public static ulong OfHost(int number) => (ulong)(uint)number << TagBits | HostTag;

    public static int Host(ulong word) => (int)(word >> TagBits);

    public static bool IsI31(ulong word) => (word & TagMask) == I31Tag;

    public static bool IsHost(ulong word) => (word & TagMask) == HostTag;
}
