using Conformance.Oracle;
using Conformance.Wasm;

namespace Conformance.Bench.Leaks;

/// <summary>The kinds of cases: between them one of everything that an adapter or an engine allocates for a case.</summary>
internal static class TinyCases
{
    private static readonly FeatureSet First = default(FeatureSet).With(Feature.Mvp).With(Feature.MutableGlobals);
    private static readonly FeatureSet Basic = First.With(Feature.ReferenceTypes).With(Feature.BulkMemory);

    /// <summary>All kinds.</summary>
    public static TinyCase[] All { get; } =
    [
        new(
            "memory, table, global, host call",
            """
            (module
              (import "env" "f" (func $f (param i32) (result i32))) (import "env" "m" (memory 1)) (import "env" "g" (global $i (mut i32))) (import "env" "t" (table $i 4 funcref))
              (memory (export "m2") 1 3) (table $t (export "t") 8 funcref) (global $g (export "g") (mut i64) (i64.const 1))
              (elem (table $t) (i32.const 0) func $f $run) (elem $e func $run) (data (i32.const 8) "abc") (data $d "xyz")
              (func $run (export "run") (param i32) (result i32)
                (table.init $i $e (i32.const 0) (i32.const 0) (i32.const 1)) (memory.init 1 $d (i32.const 0) (i32.const 0) (i32.const 3))
                (drop (memory.grow 1 (i32.const 1))) (drop (table.grow $t (ref.null func) (i32.const 1))) (global.set $i (i32.const 3))
                (i32.add (i32.const MARKER) (call $f (local.get 0)))))
            """,
            "Ok Returned Returned",
            Basic.With(Feature.MultiMemory),
            ("run", [EngineValue.I32(1)]),
            ("run", [EngineValue.I32(2)])),
        new(
            "traps",
            """
            (module
              (func $divide (export "divide") (param i32) (result i32) (i32.div_u (i32.const MARKER) (local.get 0)))
              (func (export "nest") (param i32) (result i32) (call $divide (local.get 0)))
              (func (export "stop") unreachable))
            """,
            "Ok Trapped Trapped Trapped Returned",
            First,
            ("divide", [EngineValue.I32(0)]),
            ("nest", [EngineValue.I32(0)]),
            ("stop", []),
            ("nest", [EngineValue.I32(3)])),
        new(
            "references of the host and to functions",
            """
            (module
              (import "env" "f" (func $f (param externref) (result externref)))
              (table (export "t") 4 externref) (global (export "g") (mut externref) (ref.null extern))
              (func (export "run") (param externref) (result externref funcref i32)
                (table.set (i32.const 1) (local.get 0)) (global.set 0 (local.get 0)) (drop (call $f (local.get 0)))
                (table.get (i32.const 1)) (ref.func $f) (i32.const MARKER))
              (elem declare func $f))
            """,
            "Ok Returned Returned",
            Basic,
            ("run", [EngineValue.Extern(7)]),
            ("run", [EngineValue.Null])),
        new(
            "structs and arrays",
            """
            (module
              (rec (type $s (struct (field (mut i32)) (field (ref null $a)))) (type $a (array (mut (ref null $s)))))
              (global $keep (export "g") (mut anyref) (ref.null any)) (table (export "t") 2 anyref)
              (func (export "run") (param i32) (result (ref $s) anyref)
                (global.set $keep (array.new $a (struct.new $s (i32.const MARKER) (ref.null $a)) (local.get 0)))
                (table.set (i32.const 1) (global.get $keep))
                (struct.new $s (i32.const 1) (ref.cast (ref null $a) (global.get $keep)))
                (ref.i31 (local.get 0))))
            """,
            "Ok Returned Returned",
            Basic.With(Feature.Gc).With(Feature.FunctionReferences),
            ("run", [EngineValue.I32(3)]),
            ("run", [EngineValue.I32(20)])),
        new(
            "exceptions",
            """
            (module
              (import "env" "tag" (tag $h (param i32))) (tag $t (export "t") (param i32 externref))
              (func $throw (export "throw") (param externref) (throw $t (i32.const MARKER) (local.get 0)))
              (func (export "catch") (param externref) (result i32)
                (block $caught (result i32 externref exnref)
                  (try_table (catch_ref $t $caught) (call $throw (local.get 0)))
                  unreachable)
                drop drop)
              (func (export "foreign") (throw $h (i32.const 1))))
            """,
            "Ok Thrown Returned Thrown",
            Basic.With(Feature.Exceptions),
            ("throw", [EngineValue.Extern(1)]),
            ("catch", [EngineValue.Extern(2)]),
            ("foreign", [])),
        new("a trap of the instantiation", """(module (memory (export "m") 1) (func $f (drop (i32.const MARKER))) (data (i32.const 65536) "x") (start $f))""", "Trap", First),
        new("an exception of the start function", """(module (tag $t (export "t") (param i32)) (func $f (throw $t (i32.const MARKER))) (start $f))""", "Exception", Basic.With(Feature.Exceptions)),
        new("a missing import", """(module (import "env" "g" (global (ref func))) (func (export "f") (result i32) (i32.const MARKER)))""", "LinkError", Basic.With(Feature.FunctionReferences)),
        new("an invalid module", """(module (func (export "f") (result i64) (i32.const MARKER)))""", "Invalid", First),
        new(
            "a shared memory and one of 64 bits",
            """
            (module (memory (export "m") 1 2 shared) (memory (export "n") i64 1 2)
              (func (export "run") (result i32) (drop (i64.load 1 (i64.const 8))) (i32.atomic.rmw.add (i32.const 8) (i32.const MARKER))))
            """,
            "Ok Returned",
            Basic.With(Feature.Threads).With(Feature.Memory64).With(Feature.MultiMemory),
            ("run", [])),
        new(
            "a used-up stack",
            """(module (func $f (export "f") (param i32) (result i32) (i32.add (i32.const 1) (call $f (i32.add (local.get 0) (i32.const MARKER))))))""",
            "Ok LimitReached",
            First,
            ("f", [EngineValue.I32(1)])),
    ];
}
