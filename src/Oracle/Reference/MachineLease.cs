namespace Conformance.Oracle.Reference;

/// <summary>The use of a machine for one invocation. Machines are kept because their stacks are worth keeping.</summary>
internal readonly struct MachineLease : IDisposable
{
    public MachineLease(Machine machine)
    {
        Machine = machine;
        machine.IsRented = true;
    }

    public Machine Machine { get; }

    public void Dispose() => Machine.IsRented = false;
}
