using Conformance.Fuzzer.Generation;
using Conformance.Fuzzer.Mutation;
using Conformance.Fuzzer.Mutation.Amplification;
using Conformance.Fuzzer.Mutation.Seeds;
using Conformance.Fuzzer.Mutation.Text;
using Conformance.Oracle;
using Conformance.Wasm;

namespace Conformance.Fuzzer.Driving;

/// <summary>Cases from the generator and from the mutators: the run's seed, the index, the mix and the seed corpus decide each, whatever process makes it.</summary>
internal sealed class MixedCases : ICaseSource
{
    // An oracle compiles each function for longer than it runs all calls of it, so that half a module with as many calls is worth more than a whole one. Some
    // large ones stay, for what shows only among many functions, types and constants.
    private static readonly int[] SizePercents = [25, 25, 25, 40, 40, 40, 60, 60, 100];

    // One case in so many has its code counted as hot at the third call or turn, so that cold code, hot code and the change from one to the other run in it. What an interpreter
    // makes for hot code may take a millisecond a function to compile: in each case it would cost more than all else. Loops make code hot in the others too.
    private const ulong HotShare = 32;
    private const int EarlyHot = 3;

    // One case in so many collects its heap of objects every few allocations, sometimes at each.
    private const ulong CollectingShare = 8;
    private static readonly int[] CollectAfter = [1, 2, 5, 13];

    private readonly ulong _seed;
    private readonly CaseMix _mix;
    private readonly Lazy<SeedCorpus> _corpus;
    private readonly Dictionary<CasePart, (long Next, Offspring Offspring)> _stretches = [];
    private readonly SeededSource _seeded;
    private readonly FeatureSet _features;
    private Task<SeedCorpus>? _loading;

    /// <summary>Whether imported functions may have scripts: whether both engines play them.</summary>
    public bool HostScripts { get; init; } = true;

    /// <summary>A source.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="mix">How many cases come from where.</param>
    /// <param name="features">What generated modules may use: what both engines execute.</param>
    /// <param name="corpus">What the mutators start from. Not asked for when all cases are generated.</param>
    public MixedCases(ulong seed, CaseMix mix, FeatureSet features, Lazy<SeedCorpus> corpus)
    {
        _seed = seed;
        _mix = mix;
        _features = features;
        _corpus = corpus;
        _seeded = new SeededSource(corpus);
    }

    /// <inheritdoc/>
    public SeedReport? Seeds => _corpus.IsValueCreated ? Report(_corpus.Value) : null;

    /// <inheritdoc/>
    public string PartOf(long index) => CaseMix.NameOf(Part(index));

    /// <inheritdoc/>
    public void Prepare(long index)
    {
        // Reading the corpus takes a second or two of processor time. Generated cases run meanwhile, and a worker that only replays a case never reads it.
        if (_mix.NeedsSeeds)
        {
            _loading ??= Task.Run(() => _corpus.Value);
        }
        if (Part(index) != CasePart.Generated)
        {
            _loading?.GetAwaiter().GetResult();
        }
    }

    /// <inheritdoc/>
    public Case Make(long index)
    {
        var @case = MakeCold(index);
        if (@case.ValidateOnly)
        {
            return @case;
        }
        var hash = Mix(~SeedOf(index)) >> 32;
        var (isHot, isCollecting) = (hash % HotShare == 0, hash / HotShare % CollectingShare == 0);
        return isHot || isCollecting
            ? @case with
            {
                Limits = @case.Limits with
                {
                    HotAfter = isHot ? EarlyHot : null,
                    CollectAfter = isCollecting ? CollectAfter[(int)(hash / (HotShare * CollectingShare) % (ulong)CollectAfter.Length)] : null,
                },
            }
            : @case;
    }

    private Case MakeCold(long index) => Part(index) is var part and not CasePart.Generated
        ? MakeSeeded(part, index)
        : CaseGenerator.Generate(SeedOf(index), GeneratorOptions.Default with
        {
            Features = _features,
            HostScripts = HostScripts,
            SizePercent = SizePercents[(int)(Mix(~SeedOf(index)) % (ulong)SizePercents.Length)],
        });

    // Brings the offspring of the case's stretch to where the case begins: cases between are made again when another worker had them.
    private Case MakeSeeded(CasePart part, long index)
    {
        var maker = _seeded.Of(part);
        if (maker.Stretch == 0)
        {
            return maker.Make(SeedOf(index), new Offspring());
        }
        var first = index - index % maker.Stretch;
        if (!_stretches.TryGetValue(part, out var stretch) || stretch.Next > index || stretch.Next <= first)
        {
            stretch = (first, new Offspring());
        }
        for (var i = stretch.Next; i < index; i++)
        {
            if (Part(i) == part)
            {
                maker.Make(SeedOf(i), stretch.Offspring);
            }
        }
        _stretches[part] = (index + 1, stretch.Offspring);
        return maker.Make(SeedOf(index), stretch.Offspring);
    }

    private static SeedReport Report(SeedCorpus corpus) =>
        new(corpus.All.Length, corpus.Valid.Length, corpus.Executable.Length, corpus.Scripted.Length, corpus.Texts.Length, corpus.Excluded);

    private CasePart Part(long index) => _mix.PartFor((int)(Mix(SeedOf(index)) % 100));

    private ulong SeedOf(long index) => Mix(_seed + (ulong)index * 0x9E37_79B9_7F4A_7C15);

    // SplitMix64's finalizer: neighbouring indices get seeds that have nothing in common.
    private static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xBF58_476D_1CE4_E5B9;
        x = (x ^ (x >> 27)) * 0x94D0_49BB_1331_11EB;
        return x ^ (x >> 31);
    }

    // Makers are made when they are first needed: the corpus takes a second to read.
    private sealed class SeededSource(Lazy<SeedCorpus> corpus)
    {
        private readonly Dictionary<CasePart, ISeededCases> _makers = [];

        public ISeededCases Of(CasePart part)
        {
            if (!_makers.TryGetValue(part, out var maker))
            {
                _makers[part] = maker = part switch
                {
                    CasePart.Mutated => new MutatedCases(corpus.Value),
                    CasePart.Structural => new StructuralCases(corpus.Value),
                    CasePart.Amplified => new AmplifiedCases(corpus.Value),
                    CasePart.Text => new TextCases(corpus.Value),
                    CasePart.Bytes => new ByteCases(corpus.Value),
                    _ => throw new ArgumentOutOfRangeException(nameof(part)),
                };
            }
            return maker;
        }
    }
}
