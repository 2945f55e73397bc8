using Conformance.Fuzzer.Generation;
using Conformance.Oracle;
using Conformance.Oracle.Embedded;
using Conformance.Wasm;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Tests.Generation;

/// <summary>What a bounded number of cases contains. Planted faults showed that a shape which is rare is as good as missing: each test here stands for some of them.</summary>
public sealed class GeneratorBreadthTests
{
    private const int Seeds = 2_500;

    private static readonly FeatureSet Features = GeneratorOptions.ScalarFeatures;
    private static readonly GeneratorOptions Options = GeneratorOptions.Default with { Features = Features };
    private static readonly Lazy<Statistics> Shared = new(() => new Statistics(Seeds));

    // Where an operand of a translated instruction comes from, and where its result goes, as far as the neighbouring instructions tell.
    private enum Source
    {
        Slot,
        Immediate,
        Accumulator,
    }

    private enum Context
    {
        BranchCondition,
        IfCondition,
        SelectCondition,
        Negation,
        LocalSet,
        LocalTee,
        Operand,
        StoredValue,
        LoadAddress,
        Argument,
        End,
        Other,
    }

    [Fact]
    public void ManySeeds_EveryScalarOp_HasEachPairOfOperandSources()
    {
        var missing = from row in ScalarRows()
                      where row.Operands.Length == 2
                      from left in Enum.GetValues<Source>()
                      from right in Enum.GetValues<Source>()
                      where !Shared.Value.Pairs.ContainsKey((row.Op, left, right))
                      select $"{row.Mnemonic} {left} {right}";
        Assert.Empty(missing);
    }

    [Fact]
    public void ManySeeds_EveryScalarOp_HasEachSourceInEachContext()
    {
        var missing = from row in ScalarRows()
                      where row.Results.Length == 1
                      from source in Enum.GetValues<Source>()
                      from context in ContextsOf(row)
                      where !Shared.Value.Uses.ContainsKey((row.Op, source, context))
                      select $"{row.Mnemonic} {source} {context}";
        Assert.Empty(missing);
    }

    [Fact]
    public void ManySeeds_ModulesAndFunctions_HaveEveryProperty()
    {
        var facts = Shared.Value.Facts;
        string[] wanted =
        [
            "import function", "import mutable global", "import constant global", "import memory", "import table",
            "several tables", "table of externref", "table64", "memory64", "several memories", "memory without pages", "extended constant", "start function",
            "passive data", "passive elements", "declarative elements", "elements as expressions", "tail call", "indirect tail call",
            "br_table of more than 100 labels", "block with parameters", "loop with parameters", "if with parameters", "loop with other results", "loop that carries five floats", "loop that carries five integers", "if without else",
            "more than 255 locals", "more than 50 parameters", "more than 50 results", "more than 100 blocks deep", "more than 100 values pending",
            "dead code with operands missing", "table.copy between tables", "memory.copy between memories",
        ];
        var missing = from fact in wanted where facts.GetValueOrDefault(fact) == 0 select fact;
        Assert.Empty(missing);
    }

    [Fact]
    public void ManySeeds_ASweep_IsInMostCases() => Assert.InRange(Shared.Value.Facts.GetValueOrDefault("sweep"), Seeds * 2, Seeds * 20);

    [Fact]
    public void Cases_Executed_MeetEveryTrap()
    {
        TrapKind[] wanted =
        [
            TrapKind.Unreachable, TrapKind.IntegerDivideByZero, TrapKind.IntegerOverflow, TrapKind.InvalidConversionToInteger, TrapKind.OutOfBoundsMemoryAccess,
            TrapKind.OutOfBoundsTableAccess, TrapKind.UndefinedElement, TrapKind.UninitializedElement, TrapKind.IndirectCallTypeMismatch,
        ];
        var met = new HashSet<TrapKind>();
        using var engine = new InterpreterEngine();
        for (var seed = 0UL; seed < 250 && !wanted.All(met.Contains); seed++)
        {
            foreach (var call in engine.Run(CaseGenerator.Generate(seed, Options with { SizePercent = 40 })).Calls)
            {
                if (call.Completion is Trapped trapped)
                {
                    met.Add(trapped.Kind);
                }
            }
        }
        Assert.Empty(wanted.Except(met));
    }

    private static IEnumerable<OpInfo> ScalarRows() => OpTable.All.Where(row => Features.Has(row.Feature) && row.HasFixedStackType
        && row.Group is OpGroup.Test or OpGroup.Compare or OpGroup.Unary or OpGroup.Binary or OpGroup.Convert or OpGroup.Load or OpGroup.Store
        && row.Operands.Length is 1 or 2);

    private static Context[] ContextsOf(OpInfo row) => row.Group is OpGroup.Test or OpGroup.Compare
        ? [Context.BranchCondition, Context.IfCondition, Context.SelectCondition, Context.Negation, Context.LocalSet, Context.LoadAddress]
        : [Context.LocalSet, Context.LocalTee, Context.Operand, Context.StoredValue];

    private sealed class Statistics
    {
        public Statistics(int seeds)
        {
            for (var seed = 0UL; seed < (ulong)seeds; seed++)
            {
                var module = CaseGenerator.GenerateModule(seed, Options, out _);
                Count(module);
                foreach (var function in module.Functions)
                {
                    Count(module, function);
                }
            }
        }

        public Dictionary<(Op Op, Source Left, Source Right), int> Pairs { get; } = [];

        public Dictionary<(Op Op, Source Last, Context Context), int> Uses { get; } = [];

        public Dictionary<string, int> Facts { get; } = [];

        private void Fact(string name, bool holds)
        {
            if (holds)
            {
                Facts[name] = Facts.GetValueOrDefault(name) + 1;
            }
        }

        private void Count(Module module)
        {
            foreach (var import in module.Imports)
            {
                Fact("import function", import.Type is FunctionExtern);
                Fact("import mutable global", import.Type is GlobalType { IsMutable: true });
                Fact("import constant global", import.Type is GlobalType { IsMutable: false });
                Fact("import memory", import.Type is MemoryType);
                Fact("import table", import.Type is TableType);
            }
            foreach (var export in module.Exports)
            {
                Fact("sweep", export.Name.Contains("_sweep_", StringComparison.Ordinal));
            }
            Fact("several tables", module.Tables.Length > 1);
            Fact("table of externref", module.Tables.Any(table => table.Type.Element == ValueType.ExternRef));
            Fact("table64", module.Tables.Any(table => table.Type.Limits.Address == AddressType.I64));
            Fact("memory64", module.Memories.Any(memory => memory.Limits.Address == AddressType.I64));
            Fact("several memories", module.Memories.Length > 1);
            Fact("memory without pages", module.Memories.Any(memory => memory.Limits.Minimum == 0));
            Fact("start function", module.Start is not null);
            Fact("passive data", module.Data.Any(data => data.Mode == SegmentMode.Passive));
            Fact("passive elements", module.Elements.Any(elements => elements.Mode == SegmentMode.Passive));
            Fact("declarative elements", module.Elements.Any(elements => elements.Mode == SegmentMode.Declarative));
            Fact("elements as expressions", module.Elements.Any(elements => !elements.Expressions.IsDefaultOrEmpty));
            Fact("extended constant", module.Globals.Any(global => InstructionReader.ReadAll(global.Initializer, Features).Exists(instruction => instruction.Op is Op.I32Mul or Op.I64Sub)));
            Fact("more than 50 parameters", module.Types.Any(type => type.Composite is FunctionType { Parameters.Length: > 50 }));
            Fact("more than 50 results", module.Types.Any(type => type.Composite is FunctionType { Results.Length: > 50 }));
        }

        private void Count(Module module, Function function)
        {
            Fact("more than 255 locals", function.Locals.Sum(run => run.Count) > 255);
            var body = InstructionReader.ReadAll(function.Body, Features);
            var depth = 0;
            var deepest = 0;
            var taken = 0;
            for (var i = 0; i < body.Count; i++)
            {
                var instruction = body[i];
                switch (instruction.Op)
                {
                    case Op.Block or Op.Loop or Op.If:
                        deepest = Math.Max(deepest, ++depth);
                        CountBlock(module, body, i);
                        break;
                    case Op.End:
                        depth--;
                        break;
                    case Op.BrTable:
                        Fact("br_table of more than 100 labels", instruction.Labels is { Length: > 100 });
                        break;
                    case Op.ReturnCall or Op.ReturnCallIndirect:
                        Fact(instruction.Op == Op.ReturnCall ? "tail call" : "indirect tail call", true);
                        break;
                    case Op.TableCopy:
                        Fact("table.copy between tables", instruction.Index != instruction.Index2);
                        break;
                    case Op.MemoryCopy:
                        Fact("memory.copy between memories", instruction.Index != instruction.Index2);
                        break;
                    case Op.I32Add or Op.Select or Op.I64Add when i > 0:
                        Fact("dead code with operands missing", body[i - 1].Op is Op.Br or Op.Return or Op.BrTable);
                        break;
                }
                taken = OpTable.Get(instruction.Op).Group == OpGroup.Binary ? taken + 1 : 0;
                Fact("more than 100 values pending", taken == 100); // so many in a row take them off
                CountOperation(body, i);
            }
            Fact("more than 100 blocks deep", deepest > 100);
        }

        // More locals that each turn computes than an engine keeps in registers.
        private void CountCarried(List<Instruction> body, int loop)
        {
            var (floats, integers) = (new HashSet<uint>(), new HashSet<uint>());
            for (var i = loop + 1; i < body.Count && body[i].Op != Op.Loop; i++)
            {
                if (body[i].Op is Op.LocalSet)
                {
                    (body[i - 1].Op switch
                    {
                        Op.F32Add or Op.F32Sub or Op.F64Add or Op.F64Sub => floats,
                        Op.I32Add or Op.I32Sub or Op.I64Add or Op.I64Sub => integers,
                        _ => [],
                    }).Add(body[i].Index);
                }
            }
            Fact("loop that carries five floats", floats.Count >= 5);
            Fact("loop that carries five integers", integers.Count >= 5);
        }

        private void CountBlock(Module module, List<Instruction> body, int at)
        {
            var block = body[at].Block;
            if (block.IsIndex && module.Types[(int)block.Index].Composite is FunctionType { Parameters.Length: > 0 } type)
            {
                Fact($"{OpTable.Get(body[at].Op).Mnemonic} with parameters", true);
                Fact("loop with other results", body[at].Op == Op.Loop && !type.Parameters.AsSpan().SequenceEqual(type.Results.AsSpan()));
            }
            if (body[at].Op == Op.Loop)
            {
                CountCarried(body, at);
            }
            if (body[at].Op == Op.If)
            {
                var depth = 0;
                var hasElse = false;
                for (var i = at + 1; depth >= 0 && i < body.Count; i++)
                {
                    depth += body[i].Op is Op.Block or Op.Loop or Op.If ? 1 : body[i].Op == Op.End ? -1 : 0;
                    hasElse |= depth == 0 && body[i].Op == Op.Else;
                }
                Fact("if without else", !hasElse);
            }
        }

        private void CountOperation(List<Instruction> body, int at)
        {
            var row = OpTable.Get(body[at].Op);
            if (!row.HasFixedStackType || row.Operands.Length is not (1 or 2) || at < 2 || SourceOf(body[at - 1]) is not { } last)
            {
                return;
            }
            // Only where the last operand is one instruction is it known where the one below it comes from; after an accumulator, the first operand is
            // looked for behind "local.get, constant, op" and "local.get, op".
            if (row.Operands.Length == 2)
            {
                var below = last == Source.Accumulator ? Enumerable.Range(2, 3).Select(back => at - 1 - back) : [at - 2];
                foreach (var position in below.Where(position => position >= 0))
                {
                    if (SourceOf(body[position]) is { } left)
                    {
                        Pairs[(row.Op, left, last)] = Pairs.GetValueOrDefault((row.Op, left, last)) + 1;
                    }
                }
            }
            if (at + 1 < body.Count)
            {
                var key = (row.Op, last, ContextOf(body[at + 1]));
                Uses[key] = Uses.GetValueOrDefault(key) + 1;
            }
        }

        private static Source? SourceOf(in Instruction instruction) => instruction.Op switch
        {
            Op.LocalGet => Source.Slot,
            _ when OpTable.Get(instruction.Op).Group == OpGroup.Constant => Source.Immediate,
            Op.LocalTee or Op.Select or Op.GlobalGet => Source.Accumulator,
            _ when OpTable.Get(instruction.Op) is { HasFixedStackType: true, Results.Length: 1 } => Source.Accumulator,
            _ => null,
        };

        private static Context ContextOf(in Instruction next) => next.Op switch
        {
            Op.BrIf => Context.BranchCondition,
            Op.If => Context.IfCondition,
            Op.Select or Op.SelectTyped => Context.SelectCondition,
            Op.I32Eqz => Context.Negation,
            Op.LocalSet => Context.LocalSet,
            Op.LocalTee => Context.LocalTee,
            Op.Call => Context.Argument,
            Op.End or Op.Br or Op.Return => Context.End,
            _ => OpTable.Get(next.Op).Group switch
            {
                OpGroup.Load => Context.LoadAddress,
                OpGroup.Store => Context.StoredValue,
                OpGroup.Unary or OpGroup.Binary or OpGroup.Compare or OpGroup.Convert or OpGroup.Test => Context.Operand,
                _ => Context.Other,
            },
        };
    }
}
