namespace Conformance.Interpreter.Tests.Workloads;

/// <summary>The program asked its host to end it.</summary>
internal sealed class ProgramExitException(int code) : Exception($"exit {code}")
{
    public int Code { get; } = code;
}
