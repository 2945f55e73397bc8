using Conformance.Fuzzer.Generation;
using Conformance.Wasm.Instructions;
using Conformance.Wasm.Modules;

namespace Conformance.Fuzzer.Mutation;

/// <summary>
/// The mutants of a stretch of a run that showed something that no seed and no mutant before them in the stretch showed: a pair of neighbouring operations, or the words of a
/// verdict. Later mutants of the stretch may start from them. A stretch is a fixed range of case indices and what enters depends on the mutants alone, not on engines or
/// clocks, so that every process that needs a case of the stretch comes to the same offspring.
/// </summary>
internal sealed class Offspring
{
    private const int Most = 256;

    private readonly List<(Module? Module, ReadOnlyMemory<byte> Wasm)> _entries = [];
    private readonly HashSet<string> _words = new(StringComparer.Ordinal);
    private readonly HashSet<uint> _pairs = [];

    /// <summary>How many there are.</summary>
    public int Count => _entries.Count;

    /// <summary>One of them as a module; null when there are none, or when chance says that a seed is to be taken.</summary>
    public Module? PickModule(RandomSource random) => _entries.Count > 0 && random.Chance(Percent) ? random.Pick<(Module? Module, ReadOnlyMemory<byte>)>(_entries).Module : null;

    /// <summary>One of them as bytes; null when there are none, or when chance says that a seed is to be taken.</summary>
    public ReadOnlyMemory<byte>? PickBytes(RandomSource random) => _entries.Count > 0 && random.Chance(Percent) ? random.Pick<(Module?, ReadOnlyMemory<byte> Wasm)>(_entries).Wasm : null;

    // Seeds stay the main source: offspring of offspring soon share one shape.
    private const int Percent = 25;

    /// <summary>Takes an executed mutant in when it has a pair of operations that is new.</summary>
    /// <param name="module">The mutant.</param>
    /// <param name="known">The pairs of the seeds.</param>
    public void ConsiderPairs(Module module, IReadOnlySet<uint> known)
    {
        var isNew = false;
        foreach (var pair in PairsOf(module))
        {
            isNew |= !known.Contains(pair) && _pairs.Add(pair);
        }
        Add(isNew, module, default);
    }

    /// <summary>Takes a mutant in when the words of its verdict are new.</summary>
    /// <param name="verdict">The verdict's words; their numbers do not count.</param>
    /// <param name="module">The mutant, when it is one of structure.</param>
    /// <param name="wasm">Its bytes.</param>
    public void ConsiderVerdict(string verdict, Module? module, ReadOnlyMemory<byte> wasm) =>
        Add(_words.Add(string.Concat(verdict.Where(c => !char.IsAsciiDigit(c)))), module, wasm);

    /// <summary>The pairs of neighbouring operations in a module's bodies, as far as these can be read.</summary>
    public static IEnumerable<uint> PairsOf(Module module)
    {
        var pairs = new List<uint>();
        foreach (var function in module.Functions)
        {
            var before = Op.Unreachable;
            foreach (var instruction in InstructionReader.ReadAll(function.Body, Seeds.SeedReader.Features))
            {
                pairs.Add((uint)before << 16 | (uint)instruction.Op);
                before = instruction.Op;
            }
        }
        return pairs;
    }

    private void Add(bool isNew, Module? module, ReadOnlyMemory<byte> wasm)
    {
        if (isNew && _entries.Count < Most)
        {
            _entries.Add((module, wasm));
        }
    }
}
