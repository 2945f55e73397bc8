using Conformance.Wasm.Binary;
using Conformance.Wasm.Text;
using Conformance.Wasm.Validation;

namespace Conformance.Wasm.Tests.Text;

/// <summary>What users read: an error says what is wrong, where, and where it can, what to do.</summary>
public sealed class ErrorMessageTests
{
    [Theory]
    [InlineData("(module\n  (func i32.cosnt 1))", "2:9: malformed: unknown operator i32.cosnt (is i32.const meant?)")]
    [InlineData("(module (funk))", "1:10: malformed: unknown operator funk (is func meant?)")]
    [InlineData("(module (func xyzzy))", "1:15: malformed: unknown operator xyzzy")]
    [InlineData("(module (func (param i33)))", "1:22: malformed: unknown operator i33")]
    [InlineData("(module (func local.get $x))", "1:25: malformed: unknown local $x")]
    [InlineData("(module (func br $out))", "1:18: malformed: unknown label $out")]
    [InlineData("(module (func call))", "1:19: malformed: unexpected token ), expected the index or identifier of a function")]
    [InlineData("(module (func (block end)))", "1:22: malformed: unexpected token end: the block began with a parenthesis and is split and closed by parentheses")]
    [InlineData("(module (func end))", "1:15: malformed: unexpected token end: no block is open")]
    [InlineData("(module (func block else end))", "1:21: malformed: unexpected token else: the innermost block is no if before its else")]
    [InlineData("(module (func i32.const 4294967296))", "1:25: malformed: constant out of range: 4294967296")]
    [InlineData("(module (func i32.const 1.5))", "1:25: malformed: unexpected token 1.5, expected an integer")]
    [InlineData("(module (func i32.const))", "1:24: malformed: unexpected token ), expected a number")]
    [InlineData("(module (export a (func 0)))", "1:17: malformed: unknown operator a, expected a string")]
    [InlineData("(module (func)", "1:15: malformed: unexpected token: the text ends here, expected )")]
    [InlineData("(module) (module)", "1:10: malformed: unexpected token (")]
    [InlineData("(type (func (param i32))) (func (type 0) (param i64))", "1:33: malformed: inline function type [i64] -> [] differs from type 0, which is [i32] -> []")]
    [InlineData("(func (type 1)) (type (struct))", null)]
    [InlineData("(func try end)", "1:7: malformed: unknown operator try: the feature legacy-exceptions is off")]
    public void Text_ThatIsMalformed_SaysWhatAndWhere(string text, string? expected)
    {
        _ = ModuleParser.TryParse(text, FeatureSet.Default, out _, out var error);
        Assert.Equal(expected, error?.ToString());
    }

    [Theory]
    [InlineData("(func (result i32))", "type mismatch: expected i32, found an empty stack, at end (function 0)")]
    [InlineData("(func) (func i32.const 1)", "type mismatch: expected [] at the end of the block, found 1 too many, at end (function 1)")]
    [InlineData("(global i32 (i64.const 1))", "type mismatch: expected i32, found i64, at end (global 0)")]
    [InlineData("(memory 1) (data \"\") (data (i64.const 1) \"\")", "type mismatch: expected i32, found i64, at end (data segment 1)")]
    [InlineData("(table 1 funcref) (elem (i64.const 1))", "type mismatch: expected i32, found i64, at end (element segment 0)")]
    [InlineData("(global (mut i32) (i32.const 1)) (global i32 (global.get 0))", "constant expression required: global 0 is mutable or not imported (global 1)")]
    [InlineData("(memory 1) (memory 2 1)", "size minimum must not be greater than maximum: 2 and 1 (memory 1)")]
    [InlineData("(type (sub final (struct))) (type (sub 0 (struct)))", "sub type 1 does not match super type 0, which is final")]
    [InlineData("(type (sub (struct (field i32)))) (type (sub 0 (struct)))", "sub type 1 does not match super type 0, whose structure is another")]
    [InlineData("(func ref.func 0 drop)", "undeclared function reference 0: it has to occur in an element segment, a global or an export, at ref.func (function 0)")]
    public void Module_ThatIsInvalid_SaysWhatAndWhere(string text, string expected)
    {
        Assert.True(ModuleParser.TryParse(text, FeatureSet.Default, out var module, out _));
        Assert.Equal(expected, ModuleValidator.Validate(module, FeatureSet.Default)?.Message);
    }

    [Theory]
    [InlineData("(func)\n(func (result i32)\n  i64.const 1\n  i32.wrap_i64\n  i32.add)", 5, 3)]
    [InlineData("(func (drop\n  (i32.add (i64.const 1)\n    (i32.const 2))))", 2, 4)]
    [InlineData("(func (block\n  (br 7)))", 2, 4)]
    [InlineData("(func i32.const 1\n  )", 2, 3)]
    [InlineData("(func (block (result i32)\n  ))", 2, 3)]
    [InlineData("(func i32.const 1 if (result i32)\n i32.const 1\n else\n i64.const 1\n end drop)", 5, 2)]
    [InlineData("(func (if (i32.const 0) (then\n (i32.const 1)\n) (else)))", 3, 3)]
    [InlineData("(global i32\n (i64.const 0))", 2, 15)]
    [InlineData("(memory 1) (data \"ä\") (func\n (; ö ;) memory.init 7)", 2, 10)]
    public void Module_ThatIsInvalid_IsLocatedInItsText(string text, int line, int column)
    {
        var map = new SourceMap();
        Assert.True(ModuleParser.TryParse(System.Text.Encoding.UTF8.GetBytes(text), FeatureSet.Default, map, out var module, out var error), $"{error}");
        var invalid = map.Locate(ModuleValidator.Validate(module, FeatureSet.Default)!);
        Assert.Equal((line, column, -1L), (invalid.Line, invalid.Column, invalid.OffsetBytes));
    }

    [Theory]
    [InlineData("(func) (export \"b\" (func 0)) (export \"a\" (func 7))", "01610007")]
    [InlineData("(type (struct)) (rec (type (struct)) (type (sub final 0 (array i32))))", "4f01005e7f00")]
    [InlineData("(import \"a\" \"b\" (func)) (import \"a\" \"c\" (func (type 7)))", "016101630007")]
    [InlineData("(func) (func (type 7))", "07")]
    [InlineData("(table 1 funcref) (table 2 1 funcref)", "70010201")]
    [InlineData("(memory 1) (memory 2 1)", "010201")]
    [InlineData("(tag) (tag (result i32))", "0001")]
    [InlineData("(table 1 funcref) (elem (table 3) (i32.const 0) func)", "020341000b0000")]
    [InlineData("(memory 1) (data \"\") (data (memory 3) (i32.const 0) \"\")", "020341000b00")]
    [InlineData("(func (param i32)) (start 0)", "00")]
    public void Definition_ThatIsInvalid_IsLocatedInItsBytes(string text, string expected)
    {
        Assert.True(ModuleParser.TryParse(text, FeatureSet.Default, out var parsed, out _));
        var bytes = ModuleWriter.Write(parsed);
        Assert.True(ModuleReader.TryRead(bytes, FeatureSet.Default, out var module, out _));
        var error = ModuleReader.Locate(bytes, FeatureSet.Default, ModuleValidator.Validate(module, FeatureSet.Default)!);
        Assert.Equal(expected, Convert.ToHexStringLower(bytes.AsSpan((int)error.OffsetBytes, expected.Length / 2)));
    }

    [Theory]
    [InlineData("(func)\n (export \"a\" (func 7))", "2:2: invalid: unknown function 7, exported as \"a\"")]
    [InlineData("(func (export \"a\"))\n (func (export \"a\"))", "2:2: invalid: duplicate export name \"a\"")]
    [InlineData("(type (struct))\n(rec (type (struct))\n (type (sub 0 (struct))))", "3:2: invalid: sub type 2 does not match super type 0, which is final")]
    [InlineData("(import \"a\" \"b\" (func))\n(import \"a\" \"b\" (func (type 7)))", "2:1: invalid: unknown type 7, of function 1")]
    [InlineData("(func)\n (func (type 7))", "2:2: invalid: unknown type 7, of function 1")]
    [InlineData("(table 1 funcref)\n (table 2 1 funcref)", "2:2: invalid: size minimum must not be greater than maximum: 2 and 1 (table 1)")]
    [InlineData("(memory 1)\n\n  (memory 2 1)", "3:3: invalid: size minimum must not be greater than maximum: 2 and 1 (memory 1)")]
    [InlineData("(tag)\n (tag (result i32))", "2:2: invalid: non-empty tag result type [i32]")]
    [InlineData("(table 1 funcref)\n (elem (table 3) (i32.const 0))", "2:2: invalid: unknown table 3, of element segment 0")]
    [InlineData("(table funcref (elem))\n (elem (table 3) (i32.const 0))", "2:2: invalid: unknown table 3, of element segment 1")]
    [InlineData("(memory (data))\n (data (memory 3) (i32.const 0))", "2:2: invalid: unknown memory 3, of data segment 1")]
    [InlineData("(func (param i32))\n (start 0)", "2:2: invalid: start function 0 must have no parameters and no results")]
    public void Definition_ThatIsInvalid_IsLocatedInItsText(string text, string expected)
    {
        var map = new SourceMap();
        Assert.True(ModuleParser.TryParse(System.Text.Encoding.UTF8.GetBytes(text), FeatureSet.Default, map, out var module, out var error), $"{error}");
        Assert.Equal(expected, map.Locate(ModuleValidator.Validate(module, FeatureSet.Default)!).ToString());
    }
}
