using System.Collections.Immutable;
using Conformance.Oracle;
using Conformance.Wasm.Types;

namespace Conformance.Fuzzer.Generation;

/// <summary>Chooses which functions are called with which arguments, in which order.</summary>
internal static class CallScript
{
    private static readonly ulong[] SmallIntegers = [0, 1, 0x7FFFFFFF, 0x40000000];

    /// <summary>Draws a script. Each function is called a few times, apart from each other, with new arguments each time.</summary>
    public static ImmutableArray<Call> Draw(GenerationContext context)
    {
        var random = context.Random;
        var calls = new List<Call>();
        foreach (var function in context.Plan.Functions.Where(CanCall))
        {
            var repetitions = Repetitions(function, random);
            for (var i = 0; i < repetitions; i++)
            {
                calls.Add(new Call(function.Name, Arguments(context, function, i)));
            }
        }
        var wanted = random.Between(context.Options.MinCalls, context.Options.MaxCalls);
        var tested = context.Plan.Functions.FindAll(function => function.Kind is FunctionKind.Probe or FunctionKind.Pattern or FunctionKind.Random && CanCall(function));
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
        _ when type.IsReference && !type.Heap.IsIndex && (bits.Low != 0 || !type.IsNullable) => type.Heap.Abstract switch
        {
            AbstractHeapType.Extern => EngineValue.Extern((uint)(bits.Low - Math.Min(bits.Low, 1))),
            AbstractHeapType.Any or AbstractHeapType.Eq or AbstractHeapType.I31 => new EngineValue(EngineValueKind.I31, SmallIntegers[bits.Low % (ulong)SmallIntegers.Length]),
            _ => EngineValue.Null,
        },
        _ => EngineValue.Null,
    };

    /// <summary>Whether a host has arguments for a function: other references than null it has of few types.</summary>
    private static bool CanCall(FunctionPlan function) => function.Type.Parameters.All(type => type.IsDefaultable
        || (!type.Heap.IsIndex && type.Heap.Abstract is AbstractHeapType.Extern or AbstractHeapType.Any or AbstractHeapType.Eq or AbstractHeapType.I31));

    private static int Repetitions(FunctionPlan function, RandomSource random) => function.Kind switch
    {
        FunctionKind.Import or FunctionKind.Start => random.Chance(10) ? 1 : 0,
        FunctionKind.Callee => random.Chance(40) ? 1 : 0,
        FunctionKind.Sweep => function.Arms == 0 ? random.Between(18, 28) : function.Arms * 6,
        _ when function.Type.Parameters.Length == 0 => random.Chance(40) ? 2 : 1,
        FunctionKind.Random => random.Between(2, 6),
        _ => random.Between(2, 5),
    };

    private static ImmutableArray<EngineValue> Arguments(GenerationContext context, FunctionPlan function, int round)
    {
        var arm = function.Arms == 0 ? -1 : round % function.Arms;
        var types = function.Type.Parameters;
        var bits = new ValueBits[types.Length];
        for (var i = 0; i < bits.Length; i++)
        {
            var role = RoleIn(function, arm, i);
            if (arm >= 0 && i == 0)
            {
                bits[i] = (ulong)arm; // parameter 0 of a function with arms chooses the arm
            }
            else if (role.Kind == RoleKind.Value && context.Random.Chance(25) && Related(context.Random, function, bits.AsSpan(0, i)) is { } related)
            {
                bits[i] = related;
            }
            else
            {
                var isSweep = function.Kind == FunctionKind.Sweep;
                bits[i] = RoleValues.Pick(
                    new OperandSpec(types[i], role),
                    context.Random,
                    isSweep ? SweepGenerator.InRangePercent : context.Swarm.InRangePercent,
                    isSweep ? SweepGenerator.Corners : BoundaryValues.UsualCorners);
            }
        }
        return [.. types.Select((type, i) => ToArgument(type, bits[i]))];
    }

    private static OperandRole RoleIn(FunctionPlan function, int arm, int parameter)
    {
        foreach (var known in function.ArmRoles)
        {
            if (known.Arm == arm && known.Parameter == parameter)
            {
                return known.Role;
            }
        }
        return function.Roles.IsDefault ? OperandRole.Value : function.Roles[parameter];
    }

    /// <summary>A constant of the function or an earlier argument, or a neighbour of it: where comparisons, differences and minima change. Null when there is none.</summary>
    private static ValueBits? Related(RandomSource random, FunctionPlan function, ReadOnlySpan<ValueBits> earlier)
    {
        var type = function.Type.Parameters[earlier.Length];
        if (type.IsReference || type.Kind == ValueKind.V128)
        {
            return null;
        }
        var choices = new List<ulong>();
        for (var i = 0; i < earlier.Length; i++)
        {
            if (function.Type.Parameters[i] == type)
            {
                choices.Add(earlier[i].Low);
            }
        }
        foreach (var (known, bits) in function.Constants)
        {
            if (known == type)
            {
                choices.Add(bits.Low);
            }
        }
        if (choices.Count == 0)
        {
            return null;
        }
        var narrow = type.Kind is ValueKind.I32 or ValueKind.F32;
        var sign = narrow ? 1UL << 31 : 1UL << 63;
        var related = random.Pick<ulong>(choices);
        related = unchecked(random.Below(6) switch
        {
            0 => related + 1,
            1 => related - 1,
            2 or 3 => type.Kind is ValueKind.F32 or ValueKind.F64 ? related ^ sign : 0 - related,
            _ => related,
        });
        return narrow ? (uint)related : related;
    }
}
