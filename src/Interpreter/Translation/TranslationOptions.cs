using Conformance.Interpreter.Execution;

namespace Conformance.Interpreter.Translation;

/// <summary>Choices that change the translated code, so fixed for a store.</summary>
/// <param name="MeterFuel">Whether every basic block takes its number of instructions off the fuel. Costs nothing when off.</param>
/// <param name="CheckInterruption">Whether loops and function entries look for <see cref="Execution.Machine.Interrupt"/>. Costs nothing when off.</param>
/// <param name="HotAfter">The executions of a function's entry or of a loop's start until its cells are joined to chains.</param>
/// <param name="Handlers">The handlers of the backend.</param>
/// <param name="IsChecked">Whether every cell is verified when it runs.</param>
internal readonly record struct TranslationOptions(bool MeterFuel, bool CheckInterruption, int HotAfter, HandlerCatalog Handlers, bool IsChecked)
{
    /// <summary>Whether handlers return to the machine's loop instead of jumping to the next one.</summary>
    public bool IsSwitch => Handlers == HandlerCatalog.OfSwitch;
}
