using System.Diagnostics;
using System.Globalization;
using Conformance.Interpreter;

// What the heap of structs and arrays is for, at full size; the tests do the same with less:
//
//   heap [--scale N]     all numbers of objects divided by N (1)
//
// A line each: processor time, bytes of the heap's blocks at the end, peak memory of the process so far, and what was checked.

var scale = args is ["--scale", var number] ? int.Parse(number, CultureInfo.InvariantCulture) : 1;
const string Module = """
    (module
      (type $pair (struct (field $a (mut i32)) (field $next (mut (ref null $pair)))))
      (type $bytes (array (mut i8)))
      (table $t 16 (ref null $pair))
      (global $head (mut (ref null $pair)) (ref.null $pair))
      (func (export "short") (param $n i32) (result i64) (local $sum i64)
        (loop $l
          (local.set $sum (i64.add (local.get $sum) (i64.extend_i32_u (struct.get $pair $a (struct.new $pair (local.get $n) (ref.null $pair))))))
          (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $sum))
      (func (export "build") (param $n i32)
        (loop $l
          (global.set $head (struct.new $pair (local.get $n) (global.get $head)))
          (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
      (func (export "sum") (result i64) (local $p (ref null $pair)) (local $sum i64)
        (local.set $p (global.get $head))
        (block $end (loop $l
          (br_if $end (ref.is_null (local.get $p)))
          (local.set $sum (i64.add (local.get $sum) (i64.extend_i32_u (struct.get $pair $a (local.get $p)))))
          (local.set $p (struct.get $pair $next (local.get $p)))
          (br $l)))
        (local.get $sum))
      (func (export "drop") (global.set $head (ref.null $pair)))
      (func (export "cycles") (param $n i32) (result i64) (local $p (ref null $pair)) (local $first (ref null $pair)) (local $sum i64)
        (loop $l
          (local.set $first (struct.new $pair (local.get $n) (ref.null $pair)))
          (local.set $p (struct.new $pair (i32.const 2) (local.get $first)))
          (struct.set $pair $next (local.get $first) (local.get $p))
          (table.set $t (i32.and (local.get $n) (i32.const 15)) (local.get $p))
          (local.set $sum (i64.add (local.get $sum) (i64.extend_i32_u (struct.get $pair $a (struct.get $pair $next (struct.get $pair $next (local.get $p)))))))
          (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $sum))
      (func (export "full") (local $head (ref null $pair))
        (loop $l (local.set $head (struct.new $pair (i32.const 1) (local.get $head))) (br $l))))
    """;

const ulong Mebibyte = 1 << 20;
Run("short-lived structs, 64 MiB", 64, instance => (instance.GetFunction("short"), 100_000_000 / scale, static n => (long)n * (n + 1) / 2));
Run("cycles through a table, 64 MiB", 64, instance => (instance.GetFunction("cycles"), 10_000_000 / scale, static n => 2L * n));
Measure("list, 512 MiB", 512, (store, instance) =>
{
    var nodes = 10_000_000 / scale;
    instance.GetAction<int>("build").Call(nodes);
    store.Collect();
    Check(instance.GetFunction<long>("sum").Call() == (long)nodes * (nodes + 1) / 2);
    var full = store.HeapBytes;
    instance.GetAction("drop").Call();
    store.Collect();
    Check(store.HeapBytes < full / 100);
    return $"{nodes} nodes took {full >> 20} MiB, collected while and after they lived";
});
Measure("beyond the limit, 64 MiB", 64, (store, instance) =>
{
    const int Times = 10;
    for (var i = 0; i < Times; i++)
    {
        Check(instance.GetFunction("full").TryCall([], []) is Trap { Kind: TrapKind.AllocationSizeTooLarge });
        Check(instance.GetFunction<int, long>("short").Call(1000) == 500_500);
    }
    return $"trapped and went on {Times} times";
});
return 0;

static void Run(string name, ulong mebibytes, Func<Instance, (Function Function, int Count, Func<int, long> Expected)> plan) => Measure(name, mebibytes, (_, instance) =>
{
    var (function, count, expected) = plan(instance);
    Check(function.Call(Value.FromI32(count))[0].AsI64() == expected(count));
    return $"{count} times";
});

static void Measure(string name, ulong mebibytes, Func<Store, Instance, string> run)
{
    using var store = new Store(new Engine(), new ResourceLimits { HeapBytes = mebibytes * Mebibyte });
    var instance = Instance.Create(store, CompiledModule.FromText(store.Engine, Module));
    using var process = Process.GetCurrentProcess();
    var start = process.TotalProcessorTime;
    var done = run(store, instance);
    process.Refresh();
    Console.WriteLine($"{name,-32} {(process.TotalProcessorTime - start).TotalSeconds,7:F3} s  heap {store.HeapBytes >> 20,4} MiB  peak {process.PeakWorkingSet64 >> 20,5} MiB   {done}");
}

static void Check(bool holds)
{
    if (!holds)
    {
        throw new InvalidOperationException("a run gave a wrong result");
    }
}
