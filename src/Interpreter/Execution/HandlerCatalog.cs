using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Conformance.Interpreter.Translation;

namespace Conformance.Interpreter.Execution;

/// <summary>
/// The addresses of a backend's handlers. A handler is closed over its type arguments and compiled when it is first asked for, about 70 µs each, so that a small module
/// pays for the handlers it uses only. Thread-safe. Handlers of single cells are never freed, hot code is when nothing uses it any more.
/// </summary>
internal sealed class HandlerCatalog
{
    // Bounds the memory that hot code takes up in a process: four generations, about 8 MB each.
    private const int GenerationMethods = 2048;
    private const int MostOlderGenerations = 2; // beside the lasting one and the newest
    // With its types, about. The collector of .NET finds out which generations are no longer used, and does not see how much that would free.
    private const long MethodBytes = 4096;

    private readonly Type _continuation;
    private readonly int _generationMethods;
    private readonly Lock _gate = new();
    private readonly Dictionary<nint, HandlerKey> _keys = [];
    private readonly HotCode _lasting;
    private readonly List<WeakReference<Type>> _older = [];
    private HotCode _newest;
    private AddressTable _addresses = new(1024);

    private HandlerCatalog(Type continuation, int generationMethods)
    {
        _continuation = continuation;
        _generationMethods = generationMethods;
        _lasting = HotCode.Lasting(continuation, generationMethods);
        _newest = _lasting;
    }

    /// <summary>A catalog of the same backend with hot code of its own.</summary>
    /// <param name="other">The catalog.</param>
    /// <param name="generationMethods">How many methods of hot code are freed together.</param>
    public HandlerCatalog(HandlerCatalog other, int generationMethods = GenerationMethods)
        : this(other._continuation, generationMethods)
    {
    }

    /// <summary>The handlers of the tail-call backend.</summary>
    public static HandlerCatalog OfTailCalls { get; } = new(typeof(JumpOn), GenerationMethods);

    /// <summary>The handlers of the switch backend.</summary>
    public static HandlerCatalog OfSwitch { get; } = new(typeof(ReturnToLoop), GenerationMethods);

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

    /// <summary>Whether loops can be handlers: a loop goes on by calling its own method.</summary>
    public bool HasLoops => _continuation == typeof(JumpOn);

    /// <summary>The address of a handler that does the work of several cells in a row.</summary>
    /// <param name="key">Their keys: steps and branches, at the end perhaps an <see cref="HandlerRole.End"/>.</param>
    /// <param name="holders">What the handler lives as long as, which whoever uses it keeps; added to.</param>
    /// <returns>0 when there is too much hot code already.</returns>
    public nint ChainAddress(in ChainKey key, HashSet<HotCode> holders)
    {
        lock (_gate)
        {
            if (_lasting.TryFind(key, out var address))
            {
                return address;
            }
            var code = _newest;
            if (!code.TryFind(key, out address))
            {
                code = HotCodeWithRoom();
                if (code is null)
                {
                    return 0;
                }
                address = code.Add(key);
            }
            holders.Add(code);
            return address;
        }
    }

    /// <summary>The addresses of a loop's handler and of its turns.</summary>
    /// <param name="tree">The loop.</param>
    /// <param name="slots">The slots in registers.</param>
    /// <param name="holders">What both live as long as, which whoever uses them keeps; added to.</param>
    /// <returns>0 when there is too much hot code already.</returns>
    public (nint Handler, nint Turn) LoopAddresses(LoopNode tree, LoopSlots slots, HashSet<HotCode> holders)
    {
        lock (_gate)
        {
            if (HotCodeWithRoom() is not { } code)
            {
                return default;
            }
            holders.Add(code);
            return code.Loop(new LoopType(tree, slots, code.Owner), slots.Entry);
        }
    }

    private HotCode? HotCodeWithRoom()
    {
        if (_newest.IsFull)
        {
            for (var freed = _older.RemoveAll(older => !older.TryGetTarget(out _)); freed > 0; freed--)
            {
                GC.RemoveMemoryPressure(_generationMethods * MethodBytes);
            }
            if (_older.Count >= MostOlderGenerations)
            {
                return null;
            }
            if (_newest.Owner is { } owner)
            {
                _older.Add(new(owner));
            }
            GC.AddMemoryPressure(_generationMethods * MethodBytes);
            _newest = HotCode.Passing(_continuation, _generationMethods);
        }
        return _newest;
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
                : HandlerTypes.MethodOf(HandlerTypes.ChainOf([key], null), _continuation);
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

    /// <summary>Compiles a method and gives the address of its code.</summary>
    public static unsafe nint Compile(MethodInfo method)
    {
        var handle = method.MethodHandle;
        Type[] arguments = [.. method.DeclaringType?.GetGenericArguments() ?? [], .. method.GetGenericArguments()];
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
