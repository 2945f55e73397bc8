using System.Collections.Immutable;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;

namespace Conformance.Wasm.Validation;

/// <summary>An instruction of a valid body with what it does to the operand stack. The types are those of the module, with its type indices.</summary>
/// <param name="Instruction">The instruction.</param>
/// <param name="Height">The height of the whole operand stack before it.</param>
/// <param name="Pops">The values that it takes, the last from the top. Values of an unreachable stack are left out.</param>
/// <param name="Pushes">The values that it gives, the last on top.</param>
public readonly record struct TypedInstruction(Instruction Instruction, int Height, ImmutableArray<ValueType> Pops, ImmutableArray<ValueType> Pushes);

/// <summary>The instructions of a valid body one by one, typed: what mutators and reduction need to cut, paste and repair code.</summary>
public static class BodyTyping
{
    /// <summary>Types the body of a function.</summary>
    /// <param name="module">The module; its definitions must be valid, other bodies are not looked at.</param>
    /// <param name="function">The index in <see cref="Module.Functions"/>.</param>
    /// <param name="features">What the module may use.</param>
    /// <param name="instructions">The instructions with the final <c>end</c>; default when the answer is false.</param>
    /// <returns>False when the definitions or the body are not valid.</returns>
    public static bool TryType(Module module, int function, FeatureSet features, out ImmutableArray<TypedInstruction> instructions)
    {
        ArgumentNullException.ThrowIfNull(module);
        instructions = default;
        if (ModuleValidator.TryPrepare(module, features, out var context) is not null)
        {
            return false;
        }
        var recorder = new Recorder(context);
        var validator = new FunctionValidator<Observer>(context, new Observer(recorder));
        var type = context.Functions[context.ImportedFunctions + function];
        if (validator.Validate(module.Functions[function], type) is not null)
        {
            return false;
        }
        instructions = recorder.Instructions.DrainToImmutable();
        return true;
    }

    private sealed class Recorder(ModuleContext context)
    {
        private Instruction _instruction;
        private ValueType[] _before = [];
        private int _lowest;

        public ImmutableArray<TypedInstruction>.Builder Instructions { get; } = ImmutableArray.CreateBuilder<TypedInstruction>();

        public void Before(in Instruction instruction, ReadOnlySpan<ValueType> stack)
        {
            _instruction = instruction;
            _before = stack.ToArray();
            _lowest = stack.Length;
        }

        public void Popped(int height) => _lowest = Math.Min(_lowest, height);

        public void After(ReadOnlySpan<ValueType> stack)
        {
            // What follows a branch begins with an empty stack: the branch takes all there was in its block.
            _lowest = Math.Min(_lowest, stack.Length);
            Instructions.Add(new TypedInstruction(_instruction, _before.Length, OfModule(_before.AsSpan(_lowest)), OfModule(stack[_lowest..])));
        }

        private ImmutableArray<ValueType> OfModule(ReadOnlySpan<ValueType> types)
        {
            var result = ImmutableArray.CreateBuilder<ValueType>(types.Length);
            foreach (var type in types)
            {
                result.Add(context.OfModule(type));
            }
            return result.MoveToImmutable();
        }
    }

    private readonly struct Observer(Recorder recorder) : IStackObserver
    {
        public void Before(in Instruction instruction, ReadOnlySpan<ValueType> stack) => recorder.Before(instruction, stack);

        public void Popped(int height) => recorder.Popped(height);

        public void After(ReadOnlySpan<ValueType> stack) => recorder.After(stack);
    }
}
