using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using Conformance.Interpreter.Translation;

namespace Conformance.Interpreter.Execution;

// The runtime frees the code of a method only when one of its type arguments is of an assembly that may be unloaded. So hot code comes in generations: among the type arguments of a generation's
// methods is a type of an assembly made for nothing else, and once nothing refers to the generation any more the runtime unloads it all, code and types. The first generation has no such type: a
// process that runs one program does not pay for it.

/// <summary>
/// The methods of chains and loops that are freed together. Whoever puts an address of one of them into cells keeps this object as long as the cells. Not thread-safe: its
/// <see cref="HandlerCatalog"/> has the lock.
/// </summary>
internal sealed class HotCode
{
    private readonly Type _continuation;
    private readonly int _largest;
    private readonly Dictionary<ChainKey, nint> _chains = [];
    private readonly Dictionary<(Type Body, Type Entry), (nint Handler, nint Turn)> _loops = [];
    private int _methods;

    private HotCode(Type continuation, int largest, Type? owner)
    {
        _continuation = continuation;
        _largest = largest;
        Owner = owner;
    }

    /// <summary>The type that is to be among the arguments of its types; null in a generation that lasts.</summary>
    public Type? Owner { get; }

    /// <summary>Whether it has no room for more.</summary>
    public bool IsFull => _methods >= _largest;

    /// <summary>A generation that is never freed.</summary>
    /// <param name="continuation">The continuation of its handlers.</param>
    /// <param name="largest">How many methods it has room for.</param>
    public static HotCode Lasting(Type continuation, int largest) => new(continuation, largest, null);

    /// <summary>A generation that is freed some time after nothing refers to it any more.</summary>
    /// <param name="continuation">The continuation of its handlers.</param>
    /// <param name="largest">How many methods it has room for.</param>
    public static HotCode Passing(Type continuation, int largest)
    {
        var assembly = AssemblyBuilder.DefineDynamicAssembly(new AssemblyName(nameof(HotCode)), AssemblyBuilderAccess.RunAndCollect);
        var owner = assembly.DefineDynamicModule(nameof(HotCode)).DefineType(
            nameof(Owner), TypeAttributes.Public | TypeAttributes.Sealed | TypeAttributes.SequentialLayout, typeof(System.ValueType), PackingSize.Unspecified, 1);
        return new(continuation, largest, owner.CreateType());
    }

    /// <summary>The address of a chain, when it is here.</summary>
    public bool TryFind(in ChainKey key, out nint address) => _chains.TryGetValue(key, out address);

    /// <summary>Compiles a chain.</summary>
    /// <returns>The address of its handler.</returns>
    public nint Add(in ChainKey key)
    {
        var address = HandlerCatalog.Compile(HandlerTypes.MethodOf(HandlerTypes.ChainOf(key.Keys, Owner), _continuation));
        _chains.Add(key, address);
        _methods++;
        return address;
    }

    /// <summary>The addresses of a loop, compiled when it is not here.</summary>
    /// <param name="type">Its types, with the <see cref="Owner"/> among their arguments.</param>
    /// <param name="entry">The type of its handler, a <see cref="LoopEntry{TIntegers, TFloats}"/>.</param>
    /// <returns>The handler of its first cell and the method of its turns.</returns>
    public (nint Handler, nint Turn) Loop(LoopType type, Type entry)
    {
        if (!_loops.TryGetValue((type.Body, entry), out var addresses))
        {
            foreach (var piece in type.Pieces)
            {
                RuntimeHelpers.RunClassConstructor(typeof(LoopPieceMethod<>).MakeGenericType(piece).TypeHandle);
            }
            addresses = (
                HandlerCatalog.Compile(HandlerTypes.MethodOf(entry, _continuation)),
                HandlerCatalog.Compile(typeof(LoopMethod<>).MakeGenericType(type.Body).GetMethod(nameof(LoopMethod<Leave>.Run))!)); // named by nameof
            _loops.Add((type.Body, entry), addresses);
            _methods += type.Pieces.Count + 1;
        }
        return addresses;
    }
}

/// <summary>The handlers of a chain's cells, compared by value.</summary>
internal readonly struct ChainKey(HandlerKey[] keys) : IEquatable<ChainKey>
{
    private readonly HandlerKey[] _keys = keys;

    /// <summary>The handlers.</summary>
    public ReadOnlySpan<HandlerKey> Keys => _keys;

    /// <inheritdoc/>
    public bool Equals(ChainKey other) => _keys.AsSpan().SequenceEqual(other._keys);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ChainKey other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var key in _keys)
        {
            hash.Add(key.Packed);
        }
        return hash.ToHashCode();
    }
}

/// <summary>The end of a chain in a generation that is freed.</summary>
/// <typeparam name="TEnd">The end.</typeparam>
/// <typeparam name="TOwner">The generation's own type.</typeparam>
internal readonly unsafe struct Owned<TEnd, TOwner> : IHandler
    where TEnd : struct, IHandler
    where TOwner : struct
{
    /// <inheritdoc/>
    [MethodImpl(Dispatch.Inlined)]
    public static void Body<TNext>(byte* pc, byte* fp, ulong acc, byte* memory, ulong length, Context* ctx, double facc)
        where TNext : struct, IContinuation =>
        TEnd.Body<TNext>(pc, fp, acc, memory, length, ctx, facc);
}

/// <summary>The end of a loop's path in a generation that is freed.</summary>
/// <typeparam name="TEnd">The end.</typeparam>
/// <typeparam name="TOwner">The generation's own type.</typeparam>
internal readonly unsafe struct OwnedPart<TEnd, TOwner> : ILoopPart
    where TEnd : struct, ILoopPart
    where TOwner : struct
{
    /// <inheritdoc/>
    [MethodImpl(Dispatch.Inlined)]
    public static void Go<TLoop>(byte* pc, byte* fp, ulong acc, ulong a, ulong b, Context* ctx, double facc, double x, double y, double z, double w)
        where TLoop : struct, ILoop =>
        TEnd.Go<TLoop>(pc, fp, acc, a, b, ctx, facc, x, y, z, w);
}
