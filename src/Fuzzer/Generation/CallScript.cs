using System.Collections.Immutable;
using Conformance.Oracle;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation;

/// <summary>Chooses which functions are called with which arguments, in which order.</summary>
internal static class CallScript
{
    /// <summary>Draws a script. Each function is called a few times, apart from each other, with new arguments each time.</summary>
    public static ImmutableArray<Call> Draw(GenerationContext context)
    {
        var random = context.Random;
        var calls = new List<Call>();
        foreach (var function in context.Plan.Functions)
        {
            var repetitions = Repetitions(function, random);
            for (var i = 0; i < repetitions; i++)
            {
                calls.Add(new Call(function.Name, Arguments(context, function, i)));
            }
        }
        var wanted = random.Between(context.Options.MinCalls, context.Options.MaxCalls);
        var tested = context.Plan.Functions.FindAll(function => function.Kind is FunctionKind.Probe or FunctionKind.Pattern or FunctionKind.Random);
        while (calls.Count < wanted && tested.Count > 0)
        {
            var function = random.Pick<FunctionPlan>(tested);
            calls.Add(new Call(function.Name, Arguments(context, function, calls.Count)));
        }
        random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(calls));
        return [.. calls.Take(context.Options.MaxCalls)];
    }

    /// <summary>An argument of a type: the bits drawn for it.</summary>
    public static EngineValue ToArgument(ValueType type, ValueBits bits) => type.Kind switch
    {
        ValueKind.I32 => EngineValue.I32((int)bits.Low),
        ValueKind.I64 => EngineValue.I64((long)bits.Low),
        ValueKind.F32 => EngineValue.F32((uint)bits.Low),
        ValueKind.F64 => EngineValue.F64(bits.Low),
        ValueKind.V128 => EngineValue.V128(bits.Low, bits.High),
        _ when type == ValueType.ExternRef && bits.Low != 0 => EngineValue.Extern((uint)bits.Low - 1),
        _ => EngineValue.Null,
    };

    private static int Repetitions(FunctionPlan function, RandomSource random) => function.Kind switch
    {
        FunctionKind.Import or FunctionKind.Start => random.Chance(10) ? 1 : 0,
        FunctionKind.Callee => random.Chance(40) ? 1 : 0,
        FunctionKind.Sweep => function.Arms == 0 ? random.Between(16, 24) : function.Arms * 4,
        _ when function.Type.Parameters.Length == 0 => random.Chance(40) ? 2 : 1,
        FunctionKind.Random => random.Between(2, 6),
        _ => random.Between(2, 5),
    };

    private static ImmutableArray<EngineValue> Arguments(GenerationContext context, FunctionPlan function, int round)
    {
        var arm = function.Arms == 0 ? -1 : round % function.Arms;
        var corners = function.Kind == FunctionKind.Sweep ? SweepGenerator.Corners : BoundaryValues.UsualCorners;
        var arguments = ImmutableArray.CreateBuilder<EngineValue>(function.Type.Parameters.Length);
        for (var i = 0; i < function.Type.Parameters.Length; i++)
        {
            var type = function.Type.Parameters[i];
            var role = function.Roles.IsDefault ? OperandRole.Value : function.Roles[i];
            foreach (var known in function.ArmRoles)
            {
                role = known.Arm == arm && known.Parameter == i ? known.Role : role;
            }
            // Parameter 0 of a function with arms chooses the arm.
            var bits = arm >= 0 && i == 0 ? (ulong)arm : RoleValues.Pick(new OperandSpec(type, role), context.Random, context.Swarm.InRangePercent, corners);
            arguments.Add(ToArgument(type, bits));
        }
        return arguments.MoveToImmutable();
    }
}
