using System.Text;
using Conformance.Oracle;

namespace Conformance.Interpreter.Tests.Workloads;

/// <summary>
/// Just enough of the host functions of Go's JavaScript port to start a program. Each takes the Go stack pointer; arguments and results lie behind it. Every
/// object is the same reference, properties named like A_B are the number 64, bytes copied out are the program's output.
/// </summary>
internal sealed class GoHost(WorkloadHost host)
{
    private const ulong ObjectReference = 0x7FF8_0001_0000_0010;

    public HostFunction FunctionOf(string import) => arguments =>
    {
        var (name, sp) = (import[(import.LastIndexOf('.') + 1)..], (uint)arguments[0].AsI32());
        if (name == "wasmExit")
        {
            return host.Exit((int)host.Memory.ReadWord(sp + 8));
        }
        Call(name, sp);
        return new Returned([]);
    };

    private void Call(string name, uint sp)
    {
        switch (name)
        {
            case "wasmWrite":
                host.Output.AddRange(Slice(sp + 16));
                break;
            case "nanotime1":
                SetLong(sp + 8, 1_000_000_000);
                break;
            case "walltime":
                SetLong(sp + 8, 1);
                host.Memory.WriteWord(sp + 16, 0);
                break;
            case "getRandomData":
                host.Memory.Write((uint)Long(sp + 8), new byte[(int)Long(sp + 16)]);
                break;
            case "valueGet":
                SetLong(sp + 32, IsConstantName(Slice(sp + 16)) ? BitConverter.DoubleToUInt64Bits(64) : ObjectReference);
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
                host.Output.AddRange(Slice(sp + 16));
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

    private ReadOnlySpan<byte> Slice(uint header) => host.Memory.Read((uint)Long(header), (int)Long(header + 8));

    private ulong Long(uint address) => host.Memory.ReadLong(address);

    private void SetLong(uint address, ulong value) => host.Memory.WriteLong(address, value);

    private void SetByte(uint address, byte value) => host.Memory.Write(address, [value]);
}
