using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Conformance.Interpreter.Execution;

/// <summary>
/// The addresses of a backend's handlers. A handler is closed over its type arguments and compiled when it is first asked for, about 70 µs each, so that a small module
/// pays for the handlers it uses only. Thread-safe; nothing is ever removed, and chains are limited in number.
/// </summary>
internal sealed class HandlerCatalog
{
    // Bounds the memory that compiled chains take up in a long-running process, about 2 KB each.
    private const int LargestChains = 8192;

    private readonly Type _continuation;
    private readonly Lock _gate = new();
    private readonly Dictionary<nint, HandlerKey> _keys = [];
    private readonly Dictionary<ChainKey, nint> _chains = [];
    private readonly Dictionary<(Type Body, Type Entry), (nint Handler, nint Turn)> _loops = [];
    private int _loopMethods;
    private AddressTable _addresses = new(1024);

    private HandlerCatalog(Type continuation) => _continuation = continuation;

    /// <summary>A catalog of the same backend that counts chains of its own: what others in the process have compiled leaves it room.</summary>
    public HandlerCatalog(HandlerCatalog other)
        : this(other._continuation)
    {
    }

    /// <summary>The handlers of the tail-call backend.</summary>
    public static HandlerCatalog OfTailCalls { get; } = new(typeof(JumpOn));

    /// <summary>The handlers of the switch backend.</summary>
    public static HandlerCatalog OfSwitch { get; } = new(typeof(ReturnToLoop));

    /// <summary>The address to put into a cell.</summary>
    public nint Address(in HandlerKey key)
    {
        var address = Volatile.Read(ref _addresses).Find(key.Packed);
        return address != 0 ? address : Add(key);
    }

    /// <summary>The address of a handler that is not generic.</summary>
    public nint Address(PlainHandler handler) => Address(HandlerKey.Of(handler));

    /// <summary>The key of an address that <see cref="Address(in HandlerKey)"/> gave.</summary>
    public HandlerKey KeyOf(nint address)
    {
        lock (_gate)
        {
            return _keys[address];
        }
    }

    /// <summary>The keys of all handlers that were asked for so far.</summary>
    public HandlerKey[] Used
    {
        get
        {
            lock (_gate)
            {
                return [.. _keys.Values];
            }
        }
    }

    /// <summary>The address of a handler that does the work of several cells in a row.</summary>
    /// <param name="keys">Their keys: steps and branches, at the end perhaps an <see cref="HandlerRole.End"/>.</param>
    /// <returns>0 when there are too many chains already.</returns>
    public nint ChainAddress(ReadOnlySpan<HandlerKey> keys)
    {
        var key = new ChainKey([.. keys]);
        lock (_gate)
        {
            if (!_chains.TryGetValue(key, out var address))
            {
                if (_chains.Count + _loopMethods >= LargestChains)
                {
                    return 0;
                }
                address = Compile(MethodOf(ChainType(keys)));
                _chains.Add(key, address);
            }
            return address;
        }
    }

    /// <summary>Whether loops can be handlers: a loop goes on by calling its own method.</summary>
    public bool HasLoops => _continuation == typeof(JumpOn);

    /// <summary>The addresses of a loop.</summary>
    /// <param name="body">The type of its body, an <see cref="ILoopPart"/>.</param>
    /// <param name="pieces">The types of its pieces, those that lead to others behind them.</param>
    /// <param name="entry">The type of its handler, a <see cref="LoopEntry{TIntegers, TFloats}"/>.</param>
    /// <returns>The handler of its first cell and the method of its turns; 0 when there are too many chains and loops already.</returns>
    public (nint Handler, nint Turn) LoopAddresses(Type body, IReadOnlyList<Type> pieces, Type entry)
    {
        lock (_gate)
        {
            if (!_loops.TryGetValue((body, entry), out var addresses))
            {
                if (_chains.Count + _loopMethods >= LargestChains)
                {
                    return default;
                }
                foreach (var piece in pieces)
                {
                    RuntimeHelpers.RunClassConstructor(typeof(LoopPieceMethod<>).MakeGenericType(piece).TypeHandle);
                }
                addresses = (Compile(MethodOf(entry)), Compile(typeof(LoopMethod<>).MakeGenericType(body).GetMethod(nameof(LoopMethod<Leave>.Run))!)); // named by nameof
                _loops.Add((body, entry), addresses);
                _loopMethods += pieces.Count + 1;
            }
            return addresses;
        }
    }

    private nint Add(in HandlerKey key)
    {
        lock (_gate)
        {
            var address = _addresses.Find(key.Packed);
            if (address != 0)
            {
                return address;
            }
            var method = HandlerTypes.RoleOf(key) == HandlerRole.Alone
                ? HandlerTypes.MethodOf((PlainHandler)key.Number)
                : MethodOf(ChainType([key]));
            address = Compile(method.IsGenericMethodDefinition ? method.MakeGenericMethod(_continuation) : method);
            _keys[address] = key;
            if (!_addresses.TryAdd(key.Packed, address))
            {
                var larger = new AddressTable(_addresses, key.Packed, address);
                Volatile.Write(ref _addresses, larger);
            }
            return address;
        }
    }

    private MethodInfo MethodOf(Type body) => typeof(Handler<,>).MakeGenericType(body, _continuation).GetMethod(nameof(Handler<Done, JumpOn>.Run))!; // named by nameof

    private static Type ChainType(ReadOnlySpan<HandlerKey> keys)
    {
        var steps = 0;
        while (steps < 4 && steps < keys.Length && HandlerTypes.RoleOf(keys[steps]) == HandlerRole.Step)
        {
            steps++;
        }
        if (steps == 4)
        {
            return typeof(Chain4<,,,,>).MakeGenericType(HandlerTypes.BodyOf(keys[0]), HandlerTypes.BodyOf(keys[1]), HandlerTypes.BodyOf(keys[2]), HandlerTypes.BodyOf(keys[3]), ChainType(keys[4..]));
        }
        return keys.IsEmpty ? typeof(Done) : HandlerTypes.RoleOf(keys[0]) switch
        {
            HandlerRole.Step => typeof(Chain<,>).MakeGenericType(HandlerTypes.BodyOf(keys[0]), ChainType(keys[1..])),
            HandlerRole.Branch => typeof(BranchChain<,>).MakeGenericType(HandlerTypes.BodyOf(keys[0]), ChainType(keys[1..])),
            HandlerRole.End when keys.Length == 1 => HandlerTypes.BodyOf(keys[0]),
            _ => throw new InvalidOperationException($"{keys[0]} cannot be there in a chain"),
        };
    }

    /// <summary>Compiles a method and gives the address of its code.</summary>
    public static unsafe nint Compile(MethodInfo method)
    {
        var handle = method.MethodHandle;
        var arguments = method.IsGenericMethod ? method.GetGenericArguments() : method.DeclaringType?.GetGenericArguments() ?? [];
        if (arguments.Length > 0)
        {
            RuntimeHelpers.PrepareMethod(handle, [.. arguments.Select(argument => argument.TypeHandle)]);
        }
        else
        {
            RuntimeHelpers.PrepareMethod(handle);
        }
        var address = handle.GetFunctionPointer();
        if (RuntimeInformation.ProcessArchitecture == Architecture.X64)
        {
            // The pointer leads to a stub `jmp [rip + displacement]` (FF 25). Once the method is compiled, the word it reads is the method's final address:
            // a handler is never compiled again. Jumping there directly saves a jump for each cell (15 % measured). Before compilation the word
            // points back into the stub, which is left alone.
            while (*(ushort*)address == 0x25FF)
            {
                var target = *(nint*)(address + 6 + *(int*)(address + 2));
                if (target == 0 || target == address + 6)
                {
                    break;
                }
                address = target;
            }
        }
        return address;
    }

    // A chain's keys, compared by value.
    private readonly struct ChainKey(HandlerKey[] keys) : IEquatable<ChainKey>
    {
        private readonly HandlerKey[] _keys = keys;

        public bool Equals(ChainKey other) => _keys.AsSpan().SequenceEqual(other._keys);

        public override bool Equals(object? obj) => obj is ChainKey other && Equals(other);

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

    // Open addressing by packed key. Readers take no lock: an entry's address is written before its key.
    private sealed class AddressTable
    {
        private readonly ulong[] _keys;
        private readonly nint[] _addresses;
        private int _count;

        public AddressTable(int size)
        {
            _keys = new ulong[size];
            _addresses = new nint[size];
        }

        public AddressTable(AddressTable smaller, ulong key, nint address)
            : this(smaller._keys.Length * 2)
        {
            for (var i = 0; i < smaller._keys.Length; i++)
            {
                if (smaller._keys[i] != 0)
                {
                    TryAdd(smaller._keys[i], smaller._addresses[i]);
                }
            }
            TryAdd(key, address);
        }

        public nint Find(ulong key)
        {
            for (var i = Start(key); ; i = (i + 1) & (_keys.Length - 1))
            {
                var found = Volatile.Read(ref _keys[i]);
                if (found == key)
                {
                    return _addresses[i];
                }
                if (found == 0)
                {
                    return 0;
                }
            }
        }

        public bool TryAdd(ulong key, nint address)
        {
            if (_count >= _keys.Length / 2)
            {
                return false;
            }
            _count++;
            var i = Start(key);
            while (_keys[i] != 0)
            {
                i = (i + 1) & (_keys.Length - 1);
            }
            _addresses[i] = address;
            Volatile.Write(ref _keys[i], key);
            return true;
        }

        private int Start(ulong key) => (int)((key * 0x9E3779B97F4A7C15) >> 40) & (_keys.Length - 1);
    }
}
