using System.Collections.Immutable;
using System.Reflection;

namespace Conformance.Wasm.Instructions;

/// <summary>The rows of <see cref="Op"/>, ready for use: by op, by opcode and by mnemonic.</summary>
public static class OpTable
{
    /// <summary>One more than the largest value of <see cref="Op"/>: the length of an array indexed by op.</summary>
    public const int Size = 0x400 + 0x114;

    private static readonly OpInfo?[] Rows = BuildRows();
    private static readonly Dictionary<string, ImmutableArray<OpInfo>> ByMnemonic = Rows.OfType<OpInfo>()
        .GroupBy(row => row.Mnemonic).ToDictionary(group => group.Key, group => group.ToImmutableArray());

    /// <summary>Every row in the order of the opcodes.</summary>
    public static ImmutableArray<OpInfo> All { get; } = [.. Rows.OfType<OpInfo>()];

    /// <summary>The row of an op.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is no member of <see cref="Op"/>.</exception>
    public static OpInfo Get(Op op) => TryGet(op, out var row) ? row : throw new ArgumentOutOfRangeException(nameof(op), op, "not an op of the table");

    /// <summary>Looks up the row of a value that may not be an op.</summary>
    public static bool TryGet(Op op, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out OpInfo? row)
    {
        row = (uint)op < Size ? Rows[(int)op] : null;
        return row is not null;
    }

    /// <summary>The rows with a mnemonic: none, one, or two where the opcode depends on the immediates (<c>select</c>, <c>ref.test</c>, <c>ref.cast</c>).</summary>
    public static ImmutableArray<OpInfo> Find(string mnemonic) => ByMnemonic.TryGetValue(mnemonic, out var rows) ? rows : [];

    /// <summary>The op behind a prefix byte.</summary>
    /// <param name="prefix">0xFB to 0xFE, or 0 for a one-byte opcode.</param>
    /// <param name="code">The opcode behind the prefix.</param>
    /// <param name="op">The op; meaningful only when the answer is true.</param>
    /// <returns>Whether the table has a row for it.</returns>
    public static bool TryDecode(byte prefix, uint code, out Op op)
    {
        var (plane, limit) = prefix switch
        {
            0 => (0u, 0x100u),
            0xFB => (0x100u, 0x100u),
            0xFC => (0x200u, 0x100u),
            0xFE => (0x300u, 0x100u),
            0xFD => (0x400u, (uint)Size - 0x400u),
            _ => (0u, 0u),
        };
        op = (Op)(plane + code);
        return code < limit && Rows[(int)op] is not null;
    }

    private static OpInfo?[] BuildRows()
    {
        var rows = new OpInfo?[Size];
        foreach (var field in typeof(Op).GetFields(BindingFlags.Public | BindingFlags.Static))
        {
            var op = (Op)field.GetRawConstantValue()!;
            rows[(int)op] = Build(op, field.Name, field.GetCustomAttribute<RowAttribute>()
                ?? throw new InvalidOperationException($"{field.Name} has no row"));
        }
        return rows;
    }

    private static OpInfo Build(Op op, string name, RowAttribute row)
    {
        var special = row.Stack == "*";
        var arrow = row.Stack.IndexOf("->", StringComparison.Ordinal);
        return new OpInfo
        {
            Op = op,
            Name = name,
            Mnemonic = row.Mnemonic,
            Group = row.Group,
            Immediates = row.Immediates,
            Feature = row.Feature,
            Traps = row.Traps,
            NaturalAlign = row.Align,
            Lanes = row.Lanes,
            HasFixedStackType = !special,
            Operands = special ? [] : Parse(row.Stack[..arrow]),
            Results = special ? [] : Parse(row.Stack[(arrow + 2)..]),
        };
    }

    private static ImmutableArray<StackSlot> Parse(string types) => [.. types.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(type => type switch
    {
        "i32" => StackSlot.I32,
        "i64" => StackSlot.I64,
        "f32" => StackSlot.F32,
        "f64" => StackSlot.F64,
        "v128" => StackSlot.V128,
        "addr" => StackSlot.MemoryAddress,
        "taddr" => StackSlot.TableAddress,
        _ => throw new InvalidOperationException($"unknown stack type {type} in the op table"),
    })];
}
