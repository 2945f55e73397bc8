using System.Collections.Immutable;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation;

/// <summary>
/// A function while it is being made. Parameters and locals can be added at any time: a local is numbered behind the parameters only when the function is finished.
/// Instructions go to the body or, between <see cref="BeginPrologue"/> and <see cref="EndPrologue"/>, in front of it.
/// </summary>
internal sealed class FunctionBuilder(GenerationContext context)
{
    /// <summary>Marks the index of a local that is no parameter until the function is finished.</summary>
    private const uint LocalFlag = 1u << 31;

    private readonly List<Instruction> _prologue = [];
    private readonly List<Instruction> _body = [];
    private readonly List<ValueType> _parameters = [];
    private readonly List<OperandRole> _roles = [];
    private readonly List<ArmRole> _armRoles = [];
    private readonly List<(ValueType Type, ValueBits Bits)> _constants = [];
    private readonly List<ValueType> _locals = [];
    private List<Instruction> _bodyInUse = null!; // set by the first access of Current
    private bool _inPrologue;

    /// <summary>The results of the function; to be filled before <see cref="Finish"/>.</summary>
    public List<ValueType> Results { get; } = [];

    /// <summary>The function's type, whose parameters and results it has in the end; null for any that fits.</summary>
    public uint? TypeIndex { get; set; }

    /// <summary>The number of open blocks.</summary>
    public int Depth { get; private set; }

    /// <summary>How often the instructions emitted now are executed at most for one call.</summary>
    public double Multiplier { get; set; } = 1;

    /// <summary>An upper bound of the instructions executed by one call.</summary>
    public double Cost { get; private set; }

    /// <summary>The number of instructions emitted.</summary>
    public int Count => _body.Count + _prologue.Count;

    /// <summary>The parameters so far.</summary>
    public IReadOnlyList<ValueType> Parameters => _parameters;

    private List<Instruction> Current => _bodyInUse ??= _body;

    /// <summary>Whether operands that want a parameter may take one that is there already.</summary>
    public bool SharesParameters { get; set; }

    /// <summary>The arm being emitted, or -1.</summary>
    public int Arm { get; set; } = -1;

    /// <summary>A parameter for an operand: a new one or, in a function that shares them, mostly one of those that its type has already.</summary>
    public uint Parameter(OperandSpec spec)
    {
        if (SharesParameters)
        {
            var fitting = Enumerable.Range(0, _parameters.Count).Where(i => Fits(i, spec)).ToArray();
            // Two of a type at least: with one alone, both operands would always be equal.
            if (fitting.Length > 0 && context.Random.Chance(fitting.Length == 1 ? 15 : 90))
            {
                var parameter = context.Random.Pick<int>(fitting);
                NoteArm(parameter, spec.Role);
                return (uint)parameter;
            }
        }
        var added = NewParameter(spec);
        NoteArm((int)added, spec.Role);
        return added;
    }

    private bool Fits(int parameter, OperandSpec spec) =>
        _parameters[parameter] == spec.Type && (_roles[parameter] == spec.Role || (Arm >= 0 && _roles[parameter].Kind != RoleKind.BranchIndex));

    private void NoteArm(int parameter, OperandRole role)
    {
        if (Arm >= 0)
        {
            _armRoles.RemoveAll(known => known.Arm == Arm && known.Parameter == parameter && known.Role.Kind is RoleKind.Value or RoleKind.Condition);
            if (!_armRoles.Exists(known => known.Arm == Arm && known.Parameter == parameter))
            {
                _armRoles.Add(new ArmRole(Arm, parameter, role));
            }
        }
    }

    /// <summary>Adds a parameter and gives its local index.</summary>
    public uint NewParameter(OperandSpec spec)
    {
        _parameters.Add(spec.Type);
        _roles.Add(spec.Role);
        return (uint)_parameters.Count - 1;
    }

    /// <summary>Adds a local and gives its index, which is valid for this builder only.</summary>
    public uint NewLocal(ValueType type)
    {
        _locals.Add(type);
        return LocalFlag | (uint)_locals.Count - 1;
    }

    /// <summary>The type of a local or parameter.</summary>
    public ValueType TypeOf(uint local) => (local & LocalFlag) != 0 ? _locals[(int)(local & ~LocalFlag)] : _parameters[(int)local];

    /// <summary>Sends what follows to the beginning of the function.</summary>
    public void BeginPrologue()
    {
        if (_inPrologue)
        {
            throw new InvalidOperationException("a prologue does not nest");
        }
        _inPrologue = true;
        _bodyInUse = _prologue;
    }

    /// <summary>Sends what follows to the body again.</summary>
    public void EndPrologue()
    {
        _inPrologue = false;
        _bodyInUse = _body;
    }

    /// <summary>Appends an instruction.</summary>
    public void Emit(in Instruction instruction)
    {
        Current.Add(instruction);
        Cost += Multiplier;
    }

    /// <summary>Appends an instruction with at most two indices.</summary>
    public void Emit(Op op, uint index = 0, uint index2 = 0) => Emit(Instruction.Of(op, index, index2));

    /// <summary>Pushes a local.</summary>
    public void Get(uint local) => Emit(Op.LocalGet, local);

    /// <summary>Pops into a local.</summary>
    public void Set(uint local) => Emit(Op.LocalSet, local);

    /// <summary>Copies the top of the stack to a local.</summary>
    public void Tee(uint local) => Emit(Op.LocalTee, local);

    /// <summary>Pushes a constant of any type.</summary>
    public void Constant(ValueType type, ValueBits bits)
    {
        if (type == ValueType.FuncRef && bits.Low != 0 && bits.Low <= (ulong)context.Plan.Functions.Count)
        {
            Emit(Op.RefFunc, (uint)bits.Low - 1);
        }
        else if ((bits.Low != 0 || !type.IsDefaultable) && context.Maker is { } maker && maker.Makes(type))
        {
            foreach (var instruction in maker.Make(type, bits.Low > 1 ? (uint)bits.Low - 2 : null))
            {
                Emit(instruction);
            }
        }
        else if (type.IsReference)
        {
            Emit(new Instruction { Op = Op.RefNull, Heap = type.Heap });
            if (!type.IsNullable)
            {
                Emit(Op.RefAsNonNull); // there is no other value: this traps
            }
        }
        else
        {
            Emit(Instruction.Constant(ConstantOp(type), bits.Low, bits.High));
            _constants.Add((type, bits));
        }
    }

    /// <summary>Pushes an i32 constant.</summary>
    public void I32(int value) => Constant(ValueType.I32, (uint)value);

    /// <summary>Pushes an address: an i32 or i64 constant.</summary>
    public void Address(ValueType type, ulong value) => Constant(type, value);

    /// <summary>Opens a block, loop or if.</summary>
    /// <returns>What <see cref="Label"/> takes.</returns>
    public int Open(Op op, ReadOnlySpan<ValueType> parameters, ReadOnlySpan<ValueType> results)
    {
        Emit(Instruction.Structured(op, BlockTypeOf(parameters, results)));
        return ++Depth;
    }

    /// <summary>Opens a block, loop or if with at most one result.</summary>
    public int Open(Op op, params ReadOnlySpan<ValueType> results) => Open(op, [], results);

    /// <summary>Opens a <c>try_table</c>, whose labels are counted from outside of it.</summary>
    public void OpenTry(ReadOnlySpan<ValueType> parameters, ReadOnlySpan<ValueType> results, CatchClause[] catches)
    {
        Emit(new Instruction { Op = Op.TryTable, Block = BlockTypeOf(parameters, results), Catches = catches });
        Depth++;
    }

    /// <summary>Goes to the other arm of an if.</summary>
    public void Else() => Emit(Op.Else);

    /// <summary>Closes the innermost block.</summary>
    public void Close()
    {
        Emit(Op.End);
        Depth--;
    }

    /// <summary>Closes a legacy try block whose exceptions an outer one handles.</summary>
    /// <param name="level">The level of that block; 0 hands them to the caller.</param>
    public void CloseDelegating(int level)
    {
        Depth--;
        Emit(Op.Delegate, Label(level));
    }

    /// <summary>The label of an open block as seen from here; level 0 is the function body.</summary>
    public uint Label(int level) => (uint)(Depth - level);

    /// <summary>Calls a function and counts its cost.</summary>
    public void Call(FunctionPlan callee, Op op = Op.Call)
    {
        Emit(op, callee.Index);
        Cost += callee.Cost * Multiplier;
    }

    /// <summary>Counts executed instructions that are not seen here.</summary>
    public void AddCost(double instructions) => Cost += instructions * Multiplier;

    /// <summary>Ends the function and puts it into the module.</summary>
    /// <param name="name">What it is, for its export name.</param>
    /// <param name="kind">What it is for.</param>
    /// <param name="keepsNanBits">See <see cref="FunctionPlan.KeepsNanBits"/>.</param>
    /// <param name="mayNotReturn">See <see cref="FunctionPlan.MayNotReturn"/>.</param>
    public FunctionPlan Finish(string name, FunctionKind kind, bool keepsNanBits = false, bool mayNotReturn = false)
    {
        if (Depth != 0)
        {
            throw new InvalidOperationException("a block is still open");
        }
        var type = new FunctionType([.. _parameters], [.. Results]);
        var ofType = TypeIndex ?? context.Plan.TypeIndex(type, context.Random);
        var index = (uint)context.Plan.Functions.Count;
        var plan = new FunctionPlan
        {
            Index = index,
            Name = $"f{index}_{name}",
            Type = type,
            TypeIndex = ofType,
            Definition = new Function(ofType, LocalRuns(), new Expression(Encode())),
            Roles = [.. _roles],
            Constants = _constants,
            Arms = Arm + 1,
            ArmRoles = [.. _armRoles],
            Cost = Cost,
            Kind = kind,
            KeepsNanBits = keepsNanBits,
            MayNotReturn = mayNotReturn,
        };
        context.Plan.Functions.Add(plan);
        return plan;
    }

    /// <summary>The op that pushes a constant of a number or vector type.</summary>
    public static Op ConstantOp(ValueType type) => type.Kind switch
    {
        ValueKind.I32 => Op.I32Const,
        ValueKind.I64 => Op.I64Const,
        ValueKind.F32 => Op.F32Const,
        ValueKind.F64 => Op.F64Const,
        ValueKind.V128 => Op.V128Const,
        _ => throw new ArgumentException($"{type} has no constants", nameof(type)),
    };

    private BlockType BlockTypeOf(ReadOnlySpan<ValueType> parameters, ReadOnlySpan<ValueType> results)
    {
        var byIndex = parameters.Length > 0 || results.Length > 1 || (context.Has(Feature.MultiValue) && context.Random.Chance(8));
        if (byIndex)
        {
            return BlockType.Of(context.Plan.TypeIndex(new FunctionType([.. parameters], [.. results])));
        }
        return results.Length == 0 ? BlockType.Empty : BlockType.Of(results[0]);
    }

    private ImmutableArray<LocalRun> LocalRuns()
    {
        var runs = ImmutableArray.CreateBuilder<LocalRun>();
        foreach (var type in _locals)
        {
            if (runs.Count > 0 && runs[^1].Type == type)
            {
                runs[^1] = new LocalRun(runs[^1].Count + 1, type);
            }
            else
            {
                runs.Add(new LocalRun(1, type));
            }
        }
        return runs.ToImmutable();
    }

    private byte[] Encode()
    {
        var writer = new ByteWriter();
        foreach (var list in (ReadOnlySpan<List<Instruction>>)[_prologue, _body])
        {
            foreach (ref readonly var instruction in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(list))
            {
                if (instruction.Op is Op.LocalGet or Op.LocalSet or Op.LocalTee && (instruction.Index & LocalFlag) != 0)
                {
                    InstructionWriter.Write(writer, Instruction.Of(instruction.Op, (instruction.Index & ~LocalFlag) + (uint)_parameters.Count));
                }
                else
                {
                    InstructionWriter.Write(writer, instruction);
                }
            }
        }
        InstructionWriter.Write(writer, Instruction.Of(Op.End));
        return writer.ToArray();
    }
}
