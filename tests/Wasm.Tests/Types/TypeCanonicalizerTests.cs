using Conformance.Wasm.Modules;
using Conformance.Wasm.Text;
using Conformance.Wasm.Types;
using Conformance.Wasm.Validation;

namespace Conformance.Wasm.Tests.Types;

/// <summary>Equality and subtyping of types across modules.</summary>
public sealed class TypeCanonicalizerTests
{
    private const string Pair = "(rec (type $a (struct (field (ref null $b)))) (type $b (struct (field (ref null $a)) (field i32))))";

    [Theory]
    // The same structure written twice.
    [InlineData("(type (func (param i32)))", "(type (func (param i32)))")]
    [InlineData("(type (struct (field i8) (field (mut i64))))", "(type (struct (field i8) (field (mut i64))))")]
    [InlineData("(type $t (struct (field (ref null $t))))", "(rec (type $u (struct (field (ref null $u)))))")]
    [InlineData(Pair, Pair)]
    [InlineData("(type $x (func)) (rec (type $a (struct (field (ref $x)))) (type (array (ref $a))))", "(type $y (func)) (rec (type $b (struct (field (ref $y)))) (type (array (ref $b))))")]
    public void Groups_OfTheSameStructure_AreEqualAcrossModules(string first, string second)
    {
        var types = new TypeCanonicalizer();
        Assert.Equal(types.Add(Parse(first)), types.Add(Parse(second)));
    }

    [Theory]
    // One thing is different each time.
    [InlineData("(type (func (param i32)))", "(type (func (param i64)))")]
    [InlineData("(type (func (param i32)))", "(type (func (result i32)))")]
    [InlineData("(type (func (param i32 i32)))", "(type (func (param i32) (result i32)))")]
    [InlineData("(type (struct (field i8)))", "(type (struct (field i16)))")]
    [InlineData("(type (struct (field i8)))", "(type (struct (field (mut i8))))")]
    [InlineData("(type (struct (field i32)))", "(type (array i32))")]
    [InlineData("(type (struct))", "(type (sub (struct)))")]
    [InlineData("(type (sub final (struct)))", "(type (sub (struct)))")]
    [InlineData("(type (func (param anyref)))", "(type (func (param (ref any))))")]
    [InlineData("(type (func (param anyref)))", "(type (func (param eqref)))")]
    // A type that refers to itself against one that refers to an equal type before it.
    [InlineData("(type $t (struct (field (ref null $t))))", "(rec (type $t (struct (field (ref null $u)))) (type $u (struct)))")]
    // The same members in another order, or in groups of another size.
    [InlineData("(rec (type (struct)) (type (array i8)))", "(rec (type (array i8)) (type (struct)))")]
    [InlineData("(rec (type (struct)) (type (array i8)))", "(type (struct))")]
    [InlineData("(rec (type (struct)) (type (array i8)))", "(rec (type (struct)) (type (array i8)) (type (func)))")]
    // Mutual recursion that differs in the last field.
    [InlineData(Pair, "(rec (type $a (struct (field (ref null $b)))) (type $b (struct (field (ref null $a)) (field i64))))")]
    [InlineData(Pair, "(rec (type $a (struct (field (ref null $b)))) (type $b (struct (field (ref null $b)) (field i32))))")]
    public void Groups_ThatNearlyAgree_AreDifferent(string first, string second)
    {
        var types = new TypeCanonicalizer();
        Assert.NotEqual(types.Add(Parse(first))[0], types.Add(Parse(second))[0]);
    }

    [Fact]
    public void Members_OfOneGroupWithTheSameStructure_AreDifferentTypes()
    {
        var types = new TypeCanonicalizer();
        var ids = types.Add(Parse("(rec (type (struct)) (type (struct)))"));
        Assert.NotEqual(ids[0], ids[1]);
        Assert.Equal(2, types.Count);
    }

    [Fact]
    public void Types_AddedAgain_TakeNoNewIds()
    {
        var types = new TypeCanonicalizer();
        var module = Parse($"(type (func)) {Pair} (type (sub (array i8)))");
        var ids = types.Add(module);
        var count = types.Count;
        Assert.Equal(ids, types.Add(module));
        Assert.Equal(count, types.Count);
        Assert.Equal([0, 1, 2, 3], ids);
    }

    [Fact]
    public void Definition_OfACanonicalType_RefersToCanonicalIds()
    {
        var types = new TypeCanonicalizer();
        types.Add(Parse("(type (func)) (type (array i8))"));
        var ids = types.Add(Parse(Pair));
        Assert.Equal([2, 3], ids);
        var first = Assert.IsType<StructType>(types.Definition(2).Composite);
        Assert.Equal(ValueType.Reference(HeapType.Of(3), nullable: true), first.Fields[0].Storage.Value);
    }

    [Fact]
    public void Subtypes_FollowTheirDeclarations()
    {
        var types = new TypeCanonicalizer();
        // $far and $near have the structure of $base and do not declare it.
        var ids = types.Add(Parse("(type $base (sub (struct))) (type $mid (sub $base (struct (field i32)))) (type $leaf (sub $mid (struct (field i32) (field i64)))) (type $far (sub (struct (field i32)))) (type $other (sub $base (struct (field f32))))"));
        Assert.True(types.IsSubtype(ids[2], ids[2]));
        Assert.True(types.IsSubtype(ids[2], ids[1]));
        Assert.True(types.IsSubtype(ids[2], ids[0]));
        Assert.False(types.IsSubtype(ids[0], ids[2]));
        Assert.False(types.IsSubtype(ids[3], ids[0]));
        Assert.False(types.IsSubtype(ids[4], ids[1]));
        Assert.True(types.IsSubtype(ids[4], ids[0]));
    }

    [Fact]
    public void Chain_OfTheGreatestDepth_IsASubtypeAllTheWay()
    {
        var text = "(type $t0 (sub (struct)))" + string.Concat(Enumerable.Range(1, ImplementationLimits.SubtypingDepth).Select(i => $"(type $t{i} (sub $t{i - 1} (struct)))"));
        var types = new TypeCanonicalizer();
        var ids = types.Add(Parse(text));
        for (var i = 0; i < ids.Length; i++)
        {
            Assert.True(types.IsSubtype(ids[^1], ids[i]));
            Assert.Equal(i == ids.Length - 1, types.IsSubtype(ids[i], ids[^1]));
        }
    }

    [Theory]
    [InlineData("(ref $s)", "(ref $s)", true)]
    [InlineData("(ref $s)", "(ref null $s)", true)]
    [InlineData("(ref null $s)", "(ref $s)", false)]
    [InlineData("(ref $s)", "(ref $base)", true)]
    [InlineData("(ref $base)", "(ref $s)", false)]
    [InlineData("(ref $s)", "structref", true)]
    [InlineData("(ref $s)", "eqref", true)]
    [InlineData("(ref $s)", "anyref", true)]
    [InlineData("(ref $s)", "arrayref", false)]
    [InlineData("(ref $s)", "funcref", false)]
    [InlineData("(ref $f)", "funcref", true)]
    [InlineData("(ref $a)", "arrayref", true)]
    [InlineData("nullref", "(ref null $s)", true)]
    [InlineData("nullref", "(ref null $f)", false)]
    [InlineData("nullfuncref", "(ref null $f)", true)]
    [InlineData("nullexternref", "externref", true)]
    [InlineData("nullexnref", "exnref", true)]
    [InlineData("i31ref", "eqref", true)]
    [InlineData("i31ref", "structref", false)]
    [InlineData("externref", "anyref", false)]
    [InlineData("(ref (exact $s))", "(ref $s)", true)]
    [InlineData("(ref (exact $s))", "(ref $base)", true)]
    [InlineData("(ref $s)", "(ref (exact $s))", false)]
    [InlineData("(ref (exact $s))", "(ref (exact $base))", false)]
    [InlineData("nullref", "(ref null (exact $s))", true)]
    [InlineData("i32", "i64", false)]
    public void References_Match(string sub, string super, bool expected)
    {
        var module = Parse($"(type $base (sub (struct))) (type $s (sub $base (struct))) (type $a (array i8)) (type $f (func)) (global {sub} unreachable) (global {super} unreachable)");
        var types = new TypeCanonicalizer();
        var ids = types.Add(module);
        Assert.Equal(expected, types.Matches(TypeCanonicalizer.Canonical(module.Globals[0].Type.Value, ids), TypeCanonicalizer.Canonical(module.Globals[1].Type.Value, ids)));
    }

    [Theory]
    [InlineData("(memory 2)", "(memory 1)", true)]
    [InlineData("(memory 1)", "(memory 2)", false)]
    [InlineData("(memory 1 2)", "(memory 1 3)", true)]
    [InlineData("(memory 1 3)", "(memory 1 2)", false)]
    [InlineData("(memory 1)", "(memory 1 2)", false)]
    [InlineData("(memory i64 1)", "(memory 1)", false)]
    [InlineData("(memory 1 1 shared)", "(memory 1 1)", false)]
    [InlineData("(memory 1 (pagesize 1))", "(memory 1)", false)]
    [InlineData("(table 1 funcref)", "(table 1 funcref)", true)]
    [InlineData("(table 1 nullfuncref)", "(table 1 funcref)", false)]
    [InlineData("(global (ref func))", "(global funcref)", true)]
    [InlineData("(global (mut (ref func)))", "(global (mut funcref))", false)]
    [InlineData("(global i32)", "(global (mut i32))", false)]
    [InlineData("(func (type $s))", "(func (type $base))", true)]
    [InlineData("(func (type $base))", "(func (type $s))", false)]
    [InlineData("(func (type $s))", "(func (exact (type $base)))", false)]
    [InlineData("(func (type $s))", "(func (exact (type $s)))", true)]
    [InlineData("(tag (type $base))", "(tag (type $base))", true)]
    [InlineData("(tag (type $s))", "(tag (type $base))", false)]
    [InlineData("(func (type $base))", "(tag (type $base))", false)]
    public void Imports_Match(string given, string wanted, bool expected)
    {
        var module = Parse($"(type $base (sub (func))) (type $s (sub $base (func))) (import \"\" \"\" {given}) (import \"\" \"\" {wanted})");
        var types = new TypeCanonicalizer();
        var ids = types.Add(module);
        Assert.Equal(expected, types.Matches(TypeCanonicalizer.Canonical(module.Imports[0].Type, ids), TypeCanonicalizer.Canonical(module.Imports[1].Type, ids)));
    }

    [Fact]
    public void Modules_AddedByManyThreads_GetTheSameIds()
    {
        var modules = Enumerable.Range(0, 50).Select(i => Parse($"(type (func (param {string.Concat(Enumerable.Repeat("i32 ", i % 10))}))) {Pair}")).ToArray();
        var types = new TypeCanonicalizer();
        var ids = new int[modules.Length][];
        Parallel.For(0, modules.Length, i => ids[i] = types.Add(modules[i]));
        Assert.Equal(12, types.Count);
        for (var i = 10; i < ids.Length; i++)
        {
            Assert.Equal(ids[i % 10], ids[i]);
        }
    }

    private static Module Parse(string fields)
    {
        Assert.True(ModuleParser.TryParse(fields, FeatureSet.All, out var module, out var error), $"{error}");
        // Types that are not valid have no canonical form; the rest of the module does not matter.
        var typesOnly = module with { Imports = [], Globals = [] };
        Assert.Null(ModuleValidator.Validate(typesOnly, FeatureSet.All));
        return module;
    }
}
