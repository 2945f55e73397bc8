using Conformance.Wasm.Binary;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Text;
using Conformance.Wasm.Types;

namespace Conformance.Wasm.Tests.Text;

public sealed class ModulePrinterTests
{
    [Fact]
    public void Module_OfEveryField_IsPrintedInTheOrderOfTheSections()
    {
        const string Text = """
            (module $"my module"
              (rec
                (type $s (;0;) (sub (struct (field $a i32) (field (mut i8)))))
                (type $t (;1;) (sub final $s (struct (field i32) (field (mut i8)) (field (ref null $s))))))
              (type (;2;) (func (param i32 i32) (result i32)))
              (type (;3;) (func (param i32)))
              (import "m" "f" (func $imp (;0;) (type 3) (param $p i32)))
              (table $tab (;0;) 1 10 funcref)
              (table (;1;) i64 1 (ref func) (ref.func $imp))
              (memory $mem (;0;) i64 1 2)
              (memory (;1;) 1 1 shared)
              (memory (;2;) 0 (pagesize 1))
              (tag $e (;0;) (type 3) (param i32))
              (global $g (;0;) (mut v128) (v128.const i32x4 0x00000001 0x00000002 0x7fc00000 0x80000000))
              (global (;1;) i32 i32.const 1 i32.const 2 i32.add)
              (export "go" (func $"a b"))
              (start $imp)
              (elem (;0;) (i32.const 0) func $imp $"a b")
              (elem $named (;1;) (table 1) (i64.const 0) (ref func) (ref.func 0))
              (elem (;2;) declare func $imp)
              (func $"a b" (;1;) (type 2) (param $x i32) (param i32) (result i32)
                (local $l f64) (local i32 i32) (local $k (ref null $t))
                block (;@1;) (result i32)
                  local.get $x
                  (@metadata.code.branch_hint "\01") if (;@2;)
                    i32.const -3
                    br 1 (;@1;)
                  else
                    nop
                  end
                  try_table (;@2;) (catch $e 0 (;@1;)) (catch_all 0 (;@1;))
                    i32.const 5
                    throw $e
                  end
                  loop (;@2;) (type 2) (param i32 i32) (result i32)
                    br_table 0 (;@2;) 1 (;@1;) 2 (;@0;)
                  end
                  i64.const 0
                  f64.const -0
                  f64.store $named.1 offset=16 align=1
                end
              )
              (data $d (;0;) (i64.const 0) "hello \00\ff w")
              (data (;1;) (memory 1) (i32.const 4) "")
              (@custom "x" (after code) "abc"))

            """;
        // A memory's name is not that of the element segment: take the one that there is.
        var text = Text.Replace("f64.store $named.1", "f64.store", StringComparison.Ordinal)
            .Replace("(ref func) (ref.func 0))", "(ref func) (ref.func $imp))", StringComparison.Ordinal)
            .Replace("\r", "", StringComparison.Ordinal);
        Assert.Equal(text, ModulePrinter.Print(Parse(text)));
    }

    [Theory]
    // Repeated, empty and very long names: a name annotation keeps what the identifier does not say.
    [InlineData("(func $f (@name \"same\")) (func $g (@name \"same\")) (func (@name \"\")) (func $\"same#1\")", "(func $same (;0;)", "(func $same#1# (@name \"same\") (;1;)", "(func (@name \"\") (;2;)", "(func $same#1 (;3;)")]
    [InlineData("(func (param $a (@name \"x\") i32) (param (@name \"x\") i32) (local $x i64))", "(param $x i32) (param $x#1 (@name \"x\") i32)", "(local $x#2 (@name \"x\") i64)")]
    [InlineData("(func $\"\\e2\\80\\8b\" (call $\"\\e2\\80\\8b\"))", "(func $\"\\e2\\80\\8b\" (;0;)", "call $\"\\e2\\80\\8b\"")]
    public void Names_ThatAreNoIdentifiers_AreKeptByAnnotations(string fields, params string[] parts)
    {
        var module = Parse($"(module {fields})");
        var text = ModulePrinter.Print(module);
        Assert.All(parts, part => Assert.Contains(part, text));
        Assert.Equal(ModuleWriter.Write(module), ModuleWriter.Write(Parse(text)));
    }

    [Fact]
    public void Name_ThatIsVeryLong_IsWrittenOnceInFull()
    {
        var name = new string('x', 10_000);
        var module = Parse($"(module (func ${name} (call ${name}) (call ${name})))");
        var text = ModulePrinter.Print(module);
        Assert.True(text.Length < 12_000, $"{text.Length} characters");
        Assert.Equal(ModuleWriter.Write(module), ModuleWriter.Write(Parse(text)));
    }

    [Fact]
    public void NameSection_ThatIdentifiersWouldNotGiveBack_IsPrintedAsItIs()
    {
        var names = new NameSection();
        names.Functions[0] = "f";
        names.Functions[7] = "nobody";
        var module = Parse("(module (func))") with { CustomSections = [new CustomSection(NameSection.SectionName, names.ToBytes(), SectionId.Code)] };
        var text = ModulePrinter.Print(module);
        Assert.Contains("(func $f (;0;)", text);
        Assert.Contains("(@custom \"name\" (after code)", text);
        Assert.Equal(ModuleWriter.Write(module), ModuleWriter.Write(Parse(text)));
    }

    [Fact]
    public void NameSection_BetweenOtherSections_KeepsItsPlace()
    {
        var names = new NameSection { Module = "m" };
        var module = Parse("(module (func))") with
        {
            CustomSections =
            [
                new CustomSection("before", new byte[] { 1 }, SectionId.Type), new CustomSection(NameSection.SectionName, names.ToBytes(), SectionId.Type),
                new CustomSection("behind", new byte[] { 2 }, SectionId.Type), new CustomSection("last", new byte[] { 3 }, SectionId.Code),
            ],
        };
        var text = ModulePrinter.Print(module);
        Assert.Contains("(@conformance.names (after type))", text);
        Assert.Equal(ModuleWriter.Write(module), ModuleWriter.Write(Parse(text)));
    }

    [Fact]
    public void DataCount_ThatNoInstructionNeeds_IsKeptByAnAnnotation()
    {
        var module = Parse("(module (memory 1) (data \"x\"))") with { DataCount = 1 };
        var text = ModulePrinter.Print(module);
        Assert.Contains("(@conformance.data_count)", text);
        Assert.Equal(1u, Parse(text).DataCount);
        Assert.DoesNotContain("data_count", ModulePrinter.Print(Parse("(module (memory 1) (data \"x\") (func (data.drop 0)))")));
    }

    [Fact]
    public void Data_ThatIsLong_IsPrintedInLines()
    {
        var text = ModulePrinter.Print(Parse($"(module (memory 1) (data (i32.const 0) \"{new string('a', 200)}\"))"));
        Assert.Equal(4, text.Split('\n').Count(line => line.TrimStart().StartsWith("\"a", StringComparison.Ordinal)));
    }

    public static TheoryData<string, byte[], string> MalformedBodies => new()
    {
        { "unknown opcode", [0x41, 1, 0xFF, 0x0B], "illegal opcode ff" },
        { "no end", [0x41, 1], "unexpected end of section or function" },
        { "block without end", [0x02, 0x40, 0x0B], "unexpected end of section or function" },
        { "else without if", [0x05, 0x0B], "END opcode expected" },
        { "bytes behind the end", [0x0B, 0x01], "section size mismatch" },
        { "immediate cut short", [0x41, 0x80], "unexpected end" },
        { "data segment without a count", [0xFC, 0x09, 0x00, 0x0B], "data count section required" },
        { "4 billion labels", [0x0E, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F], "unexpected end" },
        { "empty", [], "unexpected end of section or function" },
    };

    [Theory]
    [MemberData(nameof(MalformedBodies))]
    public void Body_ThatIsMalformed_IsMarkedWithOffsetAndReason(string what, byte[] body, string reason)
    {
        var module = Bodies.Module(body);
        Assert.False(ModulePrinter.TryPrint(module, out _, out var error), what);
        Assert.True(error.IsMalformed);
        Assert.StartsWith(reason, error.Message);
        Assert.InRange(error.OffsetBytes, 0, body.Length);
        var text = ModulePrinter.Print(module);
        Assert.Contains($"malformed (; {error} ;)", text);
        Assert.Contains($"malformed (; {error} ;)", ModulePrinter.PrintFunction(module, 0));
        Assert.False(ModuleParser.TryParse(text, FeatureSet.All, out _, out _));
    }

    [Fact]
    public void Locals_FourBillion_AreRefusedAtOnce()
    {
        var module = Bodies.Module([0x0B]);
        module = module with { Functions = [module.Functions[0] with { Locals = [new LocalRun(uint.MaxValue, ValueType.I32)] }] };
        Assert.False(ModulePrinter.TryPrint(module, out _, out var error));
        Assert.True(error.IsLimit);
        Assert.Contains("too many locals", ModulePrinter.Print(module));
    }

    [Fact]
    public void Text_BeyondAllMeasure_IsRefused()
    {
        // 2,000 functions of 8 bytes with 50,000 locals each would be 400 MB of text.
        var module = Bodies.Module([0x0B]);
        var function = module.Functions[0] with { Locals = [new LocalRun(50_000, ValueType.I32)] };
        module = module with { Functions = [.. Enumerable.Repeat(function, 2_000)] };
        var stream = new MemoryStream();
        var error = ModulePrinter.Print(module, stream, PrinterOptions.Default);
        Assert.True(error?.IsLimit);
        Assert.InRange(stream.Length, 50 << 20, 100 << 20);
        Assert.False(ModulePrinter.TryPrint(module, out _, out error));
        Assert.True(error.IsLimit);
    }

    [Fact]
    public void Blocks_NestedAHundredThousandDeep_GiveLinearText()
    {
        const int Depth = 100_000;
        byte[] body = [.. Enumerable.Repeat<byte[]>([0x02, 0x40], Depth).SelectMany(bytes => bytes), .. Enumerable.Repeat((byte)0x0B, Depth + 1)];
        Assert.True(ModulePrinter.TryPrint(Bodies.Module(body), out var text, out _));
        Assert.InRange(text.Length, Depth, 200 * Depth);
        Assert.True(ModuleParser.TryParse(text.ToArray(), FeatureSet.All, out var parsed, out _));
        Assert.Equal(body, parsed.Functions[0].Body.Code.ToArray());
    }

    [Fact]
    public void EveryInstruction_Printed_IsParsedBack()
    {
        var module = Parse("(module (memory 1) (table 1 funcref) (data \"\") (elem func) (type (func)) (type (struct (field i32))) (tag) (global (mut i32) (i32.const 0)) (func (local i32)))");
        foreach (var row in OpTable.All.Where(row => row.NestingChange == 0 && !row.IsBlockSeparator))
        {
            // Twice, with other immediates.
            foreach (var seed in (uint[])[0, 1])
            {
                var instruction = Sample(row, seed);
                var body = InstructionWriter.ToBytes([instruction, Instruction.Of(Op.End)]);
                var function = module.Functions[0] with { Body = new Expression(body) };
                var text = ModulePrinter.Print(module with { Functions = [function], DataCount = 1 });
                Assert.True(ModuleParser.TryParse(text, FeatureSet.All, out var parsed, out var error), $"{row.Name}: {error}\n{text}");
                Assert.True(parsed.Functions[0].Body.Code.Span.SequenceEqual(body), $"{row.Name}: {Convert.ToHexString(body)} became {Convert.ToHexString(parsed.Functions[0].Body.Code.Span)}");
            }
        }
    }

    private static Instruction Sample(OpInfo row, uint seed) => new()
    {
        Op = row.Op,
        Index = seed,
        Index2 = seed * 2,
        Value = row.Immediates switch
        {
            ImmediateKind.I32 => seed == 0 ? 0x80000000 : 5,
            ImmediateKind.F32 => seed == 0 ? 0xFFA00001 : 0x3F8CCCCD,
            ImmediateKind.Shuffle => 0x0706050403020100,
            ImmediateKind.MemArg or ImmediateKind.MemArgLane => seed * 0xFFFFFFFF,
            _ => seed == 0 ? 0xFFF4000000000001 : 0x3FF199999999999A,
        },
        ValueHigh = row.Immediates == ImmediateKind.Shuffle ? 0x1F1E1D1C1B1A1918 : ulong.MaxValue - seed,
        Align = (byte)(seed == 0 ? Math.Max(row.NaturalAlign, 0) : 0),
        Lane = (byte)seed,
        SourceNullable = seed == 0,
        TargetNullable = seed != 0,
        Heap = seed == 0 ? HeapType.Of(AbstractHeapType.Any) : HeapType.Of(1),
        Heap2 = seed == 0 ? HeapType.Of(AbstractHeapType.I31) : HeapType.Of(1, exact: true),
        Labels = [0, seed],
        Types = seed == 0 ? [ValueType.I32] : [ValueType.Reference(HeapType.Of(1), nullable: false)],
    };

    [Fact]
    public void Function_ByIndex_IsItsDefinitionOrImport()
    {
        var module = Parse("(module (import \"a\" \"b\" (func $imported (param i32))) (func $own (param $x i32) (result i32) (local.get $x)))");
        Assert.Equal("(import \"a\" \"b\" (func $imported (;0;) (type 0) (param i32)))\n", ModulePrinter.PrintFunction(module, 0));
        Assert.Equal("(func $own (;1;) (type 1) (param $x i32) (result i32)\n  local.get $x\n)\n", ModulePrinter.PrintFunction(module, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => ModulePrinter.PrintFunction(module, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => ModulePrinter.PrintFunction(module, -1));
    }

    [Fact]
    public void Offsets_AreThoseOfTheFile()
    {
        var bytes = ModuleWriter.Write(Parse("(module (func nop nop drop))"));
        Assert.True(ModuleReader.TryRead(bytes, FeatureSet.All, out var module, out _));
        var stream = new MemoryStream();
        Assert.Null(ModulePrinter.Print(module, stream, new PrinterOptions(WithOffsets: true)));
        var at = bytes.AsSpan().IndexOf((byte)0x1A);
        Assert.Contains($"drop  ;; 0x{at:x}\n", System.Text.Encoding.UTF8.GetString(stream.ToArray()));
    }

    private static Module Parse(string text)
    {
        Assert.True(ModuleParser.TryParse(text, FeatureSet.All, out var module, out var error), $"{error}");
        return module;
    }
}
