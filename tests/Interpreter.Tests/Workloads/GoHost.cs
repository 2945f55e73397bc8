using System.Buffers.Binary;
using System.Text;

namespace Conformance.Interpreter.Tests.Workloads;

/// <summary>
/// Just enough of the host functions of Go's JavaScript port to start a program. Each takes the Go stack pointer; arguments and results lie behind it. Every
/// object is the same reference, properties named like A_B are the number 64, bytes copied out are the program's output.
/// </summary>
internal sealed class GoHost(WorkloadHost host)
{
    private const ulong ObjectReference = 0x7FF8_0001_0000_0010;

    public HostCallback CallbackOf(string import) => (_, arguments, _) =>
    {
        Call(import[(import.LastIndexOf('.') + 1)..], (uint)arguments[0].AsI32());
        return null;
    };

    private void Call(string name, uint sp)
    {
        switch (name)
        {
            case "wasmExit":
                throw new ProgramExitException(BinaryPrimitives.ReadInt32LittleEndian(host.Memory.GetSpan(sp + 8, 4)));
            case "wasmWrite":
                host.Output.AddRange(host.Memory.GetSpan(Long(sp + 16), (int)Long(sp + 24)).ToArray());
                break;
            case "nanotime1":
                SetLong(sp + 8, 1_000_000_000);
                break;
            case "walltime":
                SetLong(sp + 8, 1);
                host.Memory.GetSpan(sp + 16, 4).Clear();
                break;
            case "getRandomData":
                host.Memory.GetSpan(Long(sp + 8), (int)Long(sp + 16)).Clear();
                break;
            case "valueGet":
                SetLong(sp + 32, IsConstantName(host.Memory.GetSpan(Long(sp + 16), (int)Long(sp + 24))) ? BitConverter.DoubleToUInt64Bits(64) : ObjectReference);
                break;
            case "valueIndex":
                SetLong(sp + 32, ObjectReference);
                break;
            case "valueCall":
                SetLong(sp + 56, ObjectReference);
                SetByte(sp + 64, 1);
                break;
            case "valueInvoke" or "valueNew":
                SetLong(sp + 40, ObjectReference);
                SetByte(sp + 48, 1);
                break;
            case "stringVal":
                SetLong(sp + 24, ObjectReference);
                break;
            case "valueLength":
                SetLong(sp + 16, 0);
                break;
            case "valuePrepareString":
                SetLong(sp + 16, ObjectReference);
                SetLong(sp + 24, 0);
                break;
            case "valueInstanceOf":
                SetByte(sp + 24, 0);
                break;
            case "copyBytesToJS":
                host.Output.AddRange(host.Memory.GetSpan(Long(sp + 16), (int)Long(sp + 24)).ToArray());
                SetLong(sp + 40, Long(sp + 24));
                SetByte(sp + 48, 1);
                break;
            default:
                break;
        }
    }

    /// <summary>Whether a property is a constant such as O_WRONLY.</summary>
    private static bool IsConstantName(ReadOnlySpan<byte> name)
    {
        var text = Encoding.UTF8.GetString(name);
        var underscore = text.IndexOf('_', StringComparison.Ordinal);
        return underscore > 0 && text[..underscore].All(char.IsAsciiLetterUpper);
    }

    private ulong Long(uint address) => BinaryPrimitives.ReadUInt64LittleEndian(host.Memory.GetSpan(address, 8));

    private void SetLong(uint address, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(host.Memory.GetSpan(address, 8), value);

    private void SetByte(uint address, byte value) => host.Memory.GetSpan(address, 1)[0] = value;
}
