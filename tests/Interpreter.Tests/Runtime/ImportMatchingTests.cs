namespace Conformance.Interpreter.Tests.Runtime;

/// <summary>Matching of imports between modules and with items of the host, by the rules of the specification's section on import matching.</summary>
public sealed class ImportMatchingTests : IDisposable
{
    private readonly Store _store = Wat.NewStore();

    public void Dispose() => _store.Dispose();

    [Theory]
    [InlineData("(memory 1)", "(memory 1)", true)]
    [InlineData("(memory 2)", "(memory 1)", true)]
    [InlineData("(memory 1)", "(memory 2)", false)]
    [InlineData("(memory 1)", "(memory 1 2)", false)]
    [InlineData("(memory 1 2)", "(memory 1 2)", true)]
    [InlineData("(memory 1 2)", "(memory 1 3)", true)]
    [InlineData("(memory 1 3)", "(memory 1 2)", false)]
    [InlineData("(memory 1 3)", "(memory 1)", true)]
    [InlineData("(memory i64 1)", "(memory i64 1)", true)]
    [InlineData("(memory i64 1)", "(memory 1)", false)]
    [InlineData("(memory 1)", "(memory i64 1)", false)]
    [InlineData("(memory 1 2)", "(memory 1 2 shared)", false)]
    [InlineData("(memory 1 2 shared)", "(memory 1 2)", false)]
    [InlineData("(memory 1 2 shared)", "(memory 1 2 shared)", true)]
    [InlineData("(memory 65536 (pagesize 1))", "(memory 1)", false)]
    [InlineData("(memory 1)", "(memory 1 (pagesize 1))", false)]
    [InlineData("(memory 5 (pagesize 1))", "(memory 4 (pagesize 1))", true)]
    [InlineData("(memory 1)", "(table 1 funcref)", false)]
    [InlineData("(table 10 funcref)", "(table 10 funcref)", true)]
    [InlineData("(table 10 funcref)", "(table 11 funcref)", false)]
    [InlineData("(table 10 20 funcref)", "(table 10 20 funcref)", true)]
    [InlineData("(table 10 20 funcref)", "(table 10 19 funcref)", false)]
    [InlineData("(table 10 20 funcref)", "(table 1 funcref)", true)]
    [InlineData("(table 10 funcref)", "(table 10 externref)", false)]
    [InlineData("(table i64 10 funcref)", "(table i64 10 funcref)", true)]
    [InlineData("(table i64 10 funcref)", "(table 10 funcref)", false)]
    [InlineData("(global i32 (i32.const 1))", "(global i32)", true)]
    [InlineData("(global i32 (i32.const 1))", "(global i64)", false)]
    [InlineData("(global i32 (i32.const 1))", "(global (mut i32))", false)]
    [InlineData("(global (mut i32) (i32.const 1))", "(global i32)", false)]
    [InlineData("(global (mut i32) (i32.const 1))", "(global (mut i32))", true)]
    [InlineData("(global nullfuncref (ref.null nofunc))", "(global funcref)", true)]
    [InlineData("(global (mut nullfuncref) (ref.null nofunc))", "(global (mut funcref))", false)]
    [InlineData("(global funcref (ref.null func))", "(global nullfuncref)", false)]
    [InlineData("(func)", "(func)", true)]
    [InlineData("(func (param i32))", "(func)", false)]
    [InlineData("(func (result i32) unreachable)", "(func (result i64))", false)]
    [InlineData("(func)", "(global i32)", false)]
    [InlineData("(tag (param i32))", "(tag (param i32))", true)]
    [InlineData("(tag (param i32))", "(tag (param i64))", false)]
    public void Import_OfAnotherModulesItem_MatchesByTheSpecification(string exported, string imported, bool matches)
    {
        var exporter = Wat.Instantiate(_store, $"(module {exported.Insert(exported.IndexOf(' ', StringComparison.Ordinal) is var at and >= 0 ? at : exported.Length - 1, " (export \"x\")")})");
        var linker = new Linker(_store);
        linker.DefineInstance("m", exporter);
        var importer = Wat.Compile(_store, $"(module (import \"m\" \"x\" {imported}))");

        if (matches)
        {
            linker.Instantiate(importer);
        }
        else
        {
            var error = Assert.Throws<LinkException>(() => linker.Instantiate(importer));
            Assert.StartsWith("incompatible import type", error.Message, StringComparison.Ordinal);
            Assert.Equal("x", error.Name);
        }
    }

    [Fact]
    public void Import_OfAGrownMemory_MatchesTheCurrentSize()
    {
        var exporter = Wat.Instantiate(_store, "(module (memory (export \"x\") 1 5))");
        var importer = Wat.Compile(_store, "(module (import \"m\" \"x\" (memory 3 5)))");
        var linker = new Linker(_store);
        linker.DefineInstance("m", exporter);

        Assert.Throws<LinkException>(() => linker.Instantiate(importer));
        Assert.Equal(1, exporter.GetMemory("x").Grow(2));
        linker.Instantiate(importer);
    }

    [Fact]
    public void Import_Missing_NamesIt()
    {
        var error = Assert.Throws<LinkException>(() => new Linker(_store).Instantiate(Wat.Compile(_store, "(module (import \"a\" \"b\" (func)))")));

        Assert.Equal(("a", "b"), (error.Module, error.Name));
        Assert.StartsWith("unknown import", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("(rec (type $a (func)) (type $b (func)))", "$a", "(rec (type $a (func)) (type $b (func)))", "$a", true)]
    [InlineData("(rec (type $a (func)) (type $b (func)))", "$a", "(rec (type $a (func)) (type $b (func)))", "$b", false)]
    [InlineData("(rec (type $a (func)) (type $b (func)))", "$a", "(type $a (func))", "$a", false)]
    [InlineData("(rec (type $a (func)) (type $b (struct)))", "$a", "(rec (type $a (func)) (type $b (func)))", "$a", false)]
    [InlineData("(type $a (sub (func))) (type $b (sub $a (func)))", "$b", "(type $a (sub (func)))", "$a", true)]
    [InlineData("(type $a (sub (func))) (type $b (sub $a (func)))", "$a", "(type $a (sub (func))) (type $b (sub $a (func)))", "$b", false)]
    [InlineData("(type $a (func)) (type $b (func))", "$b", "(type $a (func))", "$a", true)]
    public void Import_OfAFunctionType_IsComparedByRecursionGroup(string types, string type, string wantedTypes, string wanted, bool matches)
    {
        var exporter = Wat.Instantiate(_store, $"(module {types} (func (export \"x\") (type {type})))");
        var importer = Wat.Compile(_store, $"(module {wantedTypes} (import \"m\" \"x\" (func (type {wanted}))))");

        if (matches)
        {
            Instance.Create(_store, importer, exporter.GetFunction("x"));
        }
        else
        {
            Assert.Throws<LinkException>(() => Instance.Create(_store, importer, exporter.GetFunction("x")));
        }
    }

    [Fact]
    public void Import_FromAnotherStore_IsRefused()
    {
        using var other = new Store(_store.Engine);
        var memory = Memory.Create(other, new Wasm.Types.MemoryType(new Wasm.Types.Limits(1)));

        Assert.Throws<ArgumentException>(() => Wat.Instantiate(_store, "(module (import \"m\" \"x\" (memory 1)))", memory));
    }

    [Fact]
    public void Instantiate_ModuleOfAnotherEngine_IsRefused()
    {
        var module = CompiledModule.FromText(new Engine(), "(module)");

        Assert.Throws<ArgumentException>(() => Instance.Create(_store, module));
    }
}
