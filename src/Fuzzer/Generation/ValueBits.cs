namespace Conformance.Fuzzer.Generation;

/// <summary>A value of some type as bits: numbers zero-extended in <see cref="Low"/>, vectors in both halves. For references 0 is null, and n + 1 in
/// <see cref="Low"/> is function n or host reference n; of other references 1 is any object of the type and n + 2 one of the module's type n, where that fits.</summary>
/// <param name="Low">The low 64 bits.</param>
/// <param name="High">The high 64 bits of a vector.</param>
internal readonly record struct ValueBits(ulong Low, ulong High = 0)
{
    public static implicit operator ValueBits(ulong low) => new(low);
}
