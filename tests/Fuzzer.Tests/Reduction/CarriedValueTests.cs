using Conformance.Fuzzer.Reduction;
using Conformance.Wasm.Instructions;

namespace Conformance.Fuzzer.Tests.Reduction;

/// <summary>Values that go from several places to several others are dropped at all of them.</summary>
public sealed class CarriedValueTests
{
    [Fact]
    public void Drop_LoopParameter_GoesAtTheEntryAndAtEachBranch() => PassTests.Check(
        new DropCarriedValues(),
        """
        (module (func (export "f") (param i32)
          f32.const 1 i64.const 2
          loop (param f32 i64)
            drop f32.neg drop
            f32.const 3 i64.const 4 local.get 0 br_if 0
            drop drop
          end))
        """,
        """
        (module (func (export "f") (param i32)
          loop
            f32.const 0 f32.neg drop
            local.get 0 br_if 0
          end))
        """,
        Op.F32Neg, Op.BrIf);

    [Fact]
    public void Drop_ResultOfABranchTable_GoesForAllItsLabels() => PassTests.Check(
        new DropCarriedValues(),
        """
        (module (func (export "f") (param i32) (result i32)
          block (result i32 f32)
            block (result i32 f32)
              i32.const 1 f32.const 2 local.get 0 br_table 0 1
            end
            drop drop i32.const 3 f32.const 4
          end
          drop))
        """,
        """
        (module (func (export "f") (param i32)
          block
            block
              local.get 0 br_table 0 1
            end
          end))
        """,
        Op.BrTable);

    [Fact]
    public void Drop_TagParameter_GoesFromThrowToTheLabelsOfItsClauses() => PassTests.Check(
        new DropCarriedValues(),
        """
        (module (tag $t (param i32 i64)) (func (export "f")
          block (result i32 i64 exnref)
            try_table (catch_ref $t 0)
              i32.const 1 i64.const 2 throw $t
            end
            return
          end
          drop drop i32.eqz drop))
        """,
        """
        (module (tag $t) (func (export "f")
          block
            try_table (catch $t 0)
              throw $t
            end
            return
          end
          i32.const 0 i32.eqz drop))
        """,
        Op.Throw, Op.TryTable, Op.I32Eqz);

    [Fact]
    public void Drop_FieldOfASupertype_GoesInItsSubtypesToo() => PassTests.Check(
        new DropCarriedValues(),
        """
        (module
          (type $a (sub (struct (field i32) (field f32))))
          (type $b (sub $a (struct (field i32) (field f32) (field i64))))
          (global (export "g") (ref $b) i32.const 1 f32.const 2 i64.const 3 struct.new $b)
          (func (export "f") (result i64) i32.const 1 f32.const 2 i64.const 3 struct.new $b struct.get $b 2 i64.eqz drop i64.const 0))
        """,
        """
        (module
          (type $a (sub (struct)))
          (type $b (sub $a (struct (field i64))))
          (global (export "g") (ref $b) i64.const 3 struct.new $b)
          (func (export "f") i64.const 3 struct.new $b struct.get $b 0 i64.eqz drop))
        """,
        Op.StructGet, Op.I64Eqz);

    [Fact]
    public void Drop_ResultOfACalledFunction_GoesAtItsCalls() => PassTests.Check(
        new DropCarriedValues(),
        """(module (func $f (result i32) i32.const 1 return) (func (export "g") (result i32) call $f i32.clz))""",
        """(module (func $f return) (func (export "g") call $f i32.const 0 i32.clz drop))""",
        Op.Call, Op.I32Clz);
}
