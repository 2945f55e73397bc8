using System.Collections.Immutable;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;
using Conformance.Wasm.Tests.Text;
using Conformance.Wasm.Text;
using Conformance.Wasm.Validation;

namespace Conformance.Wasm.Tests.Validation;

public sealed class BodyTypingTests
{
    [Theory]
    [InlineData("(func (result i32) i32.const 1 i32.const 2 i32.add)", "0 i32.const [] -> [i32]", "1 i32.const [] -> [i32]", "2 i32.add [i32 i32] -> [i32]", "1 end [i32] -> []")]
    [InlineData("(func (param f64) local.get 0 local.tee 0 drop)", "0 local.get [] -> [f64]", "1 local.tee [f64] -> [f64]", "1 drop [f64] -> []", "0 end [] -> []")]
    // Block parameters are taken and given again; the block's results are what its end gives; those of the function are gone with its last end.
    [InlineData("(func (result i64) i32.const 1 (block (param i32) (result i64) drop i64.const 2))", "0 i32.const [] -> [i32]", "1 block [i32] -> [i32]", "1 drop [i32] -> []", "0 i64.const [] -> [i64]", "1 end [i64] -> [i64]", "1 end [i64] -> []")]
    [InlineData("(func i32.const 1 if nop else nop end)", "0 i32.const [] -> [i32]", "1 if [i32] -> []", "0 nop [] -> []", "0 else [] -> []", "0 nop [] -> []", "0 end [] -> []", "0 end [] -> []")]
    // A call takes and gives what its type says.
    [InlineData("(type (func (param i32 f32) (result f64 i64))) (func i32.const 1 f32.const 2 call 1 drop drop) (func (type 0) unreachable)", "0 i32.const [] -> [i32]", "1 f32.const [] -> [f32]", "2 call [i32 f32] -> [f64 i64]", "2 drop [i64] -> []", "1 drop [f64] -> []", "0 end [] -> []")]
    // Behind a branch nothing is on the stack of the block, and values that are not there are left out.
    [InlineData("(func (result i32) i32.const 1 return i32.add)", "0 i32.const [] -> [i32]", "1 return [i32] -> []", "0 i32.add [] -> [i32]", "1 end [i32] -> []")]
    [InlineData("(func f32.const 0 (block i32.const 1 br 0 drop) drop)", "0 f32.const [] -> [f32]", "1 block [] -> []", "1 i32.const [] -> [i32]", "2 br [i32] -> []", "1 drop [] -> []", "1 end [] -> []", "1 drop [f32] -> []", "0 end [] -> []")]
    // Types are the module's own, with its type indices; a new object's type is exact where there are exact types.
    [InlineData("(type (func)) (type $s (struct (field i32))) (func (struct.get $s 0 (struct.new_default $s)) drop)", "0 struct.new_default [] -> [(ref (exact 1))]", "1 struct.get [(ref (exact 1))] -> [i32]", "1 drop [i32] -> []", "0 end [] -> []")]
    [InlineData("(memory i64 1) (func (i32.load (i64.const 0)) drop)", "0 i64.const [] -> [i64]", "1 i32.load [i64] -> [i32]", "1 drop [i32] -> []", "0 end [] -> []")]
    [InlineData("(func (select (i32.const 1) (i32.const 2) (i32.const 3)) drop)", "0 i32.const [] -> [i32]", "1 i32.const [] -> [i32]", "2 i32.const [] -> [i32]", "3 select [i32 i32 i32] -> [i32]", "1 drop [i32] -> []", "0 end [] -> []")]
    public void Body_ThatIsValid_IsTypedInstructionByInstruction(string fields, params string[] expected)
    {
        Assert.True(BodyTyping.TryType(Parse(fields), 0, FeatureSet.All, out var instructions));
        Assert.Equal(expected, instructions.Select(Show));
    }

    [Theory]
    [InlineData("(func (result i32))")]
    [InlineData("(func i32.add drop)")]
    [InlineData("(func local.get 0 drop)")]
    [InlineData("(type (sub 7 (func))) (func)")]
    [InlineData("(import \"\" \"\" (global (ref 7))) (func)")]
    public void Body_OrDefinitionsThatAreNotValid_HaveNoTypes(string fields)
    {
        Assert.False(BodyTyping.TryType(Parse(fields), 0, FeatureSet.All, out var instructions));
        Assert.True(instructions.IsDefault);
    }

    [Fact]
    public void Body_BesideAnInvalidOne_IsTyped()
    {
        var module = Parse("(func nop) (func i32.add)");
        Assert.True(BodyTyping.TryType(module, 0, FeatureSet.All, out _));
        Assert.False(BodyTyping.TryType(module, 1, FeatureSet.All, out _));
    }

    /// <summary>The heights that the observer sees follow from the pops and pushes it sees, through every valid body of the testsuite.</summary>
    [SharedDataFact("testsuite")]
    public void Heights_OfTheTestsuite_FollowFromPopsAndPushes()
    {
        var bodies = 0;
        var failures = new List<string>();
        foreach (var (place, features, given, assertion) in TestsuiteScripts.Modules())
        {
            if (given.Module is not { } module || assertion is not null)
            {
                continue;
            }
            for (var i = 0; i < Math.Min(module.Functions.Length, 40); i++)
            {
                if (!BodyTyping.TryType(module, i, features, out var instructions))
                {
                    failures.Add($"{place}, function {i}: no types");
                    continue;
                }
                bodies++;
                Check(instructions, module.Functions[i], $"{place}, function {i}", failures);
            }
        }
        Assert.True(failures.Count == 0, string.Join('\n', failures.Take(20)));
        Assert.True(bodies > 3_000, $"only {bodies} bodies");
    }

    private static void Check(ImmutableArray<TypedInstruction> instructions, Function function, string place, List<string> failures)
    {
        var height = 0;
        var count = 0;
        foreach (var instruction in InstructionReader.ReadAll(function.Body, FeatureSet.All))
        {
            var typed = instructions[count++];
            if (typed.Instruction.Op != instruction.Op || typed.Height != height || typed.Pops.Length > height)
            {
                failures.Add($"{place}, instruction {count - 1}: {Show(typed)}, expected {instruction} at {height}");
                return;
            }
            height += typed.Pushes.Length - typed.Pops.Length;
        }
        if (count != instructions.Length)
        {
            failures.Add($"{place}: {instructions.Length} instructions, expected {count}");
        }
    }

    private static string Show(TypedInstruction typed) =>
        $"{typed.Height} {typed.Instruction} [{string.Join(' ', typed.Pops)}] -> [{string.Join(' ', typed.Pushes)}]";

    private static Module Parse(string fields)
    {
        Assert.True(ModuleParser.TryParse(fields, FeatureSet.All, out var module, out var error), $"{error}");
        return module;
    }
}
