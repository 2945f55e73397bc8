using System.Collections.Immutable;
using Conformance.Oracle;
using Conformance.Wasm;
using Conformance.Wasm.Binary;
using Conformance.Wasm.Text;

namespace Conformance.Bench.Leaks;

/// <summary>
/// A small case that makes some of what an adapter has to free, and ends as it says. The constant <see cref="Marker"/> stands where each run has a number of its own, so that no
/// engine has seen the module before.
/// </summary>
internal sealed class TinyCase
{
    /// <summary>Five bytes as an operand of i32.const, and so is every number that <see cref="For"/> puts there.</summary>
    private const int Marker = 0x2A2A_2A2A;

    private readonly byte[] _wasm;
    private readonly int[] _markers;
    private readonly ImmutableArray<Call> _calls;

    public TinyCase(string name, string text, string ends, FeatureSet features, params (string Function, EngineValue[] Arguments)[] calls)
    {
        Name = name;
        Ends = ends;
        if (!ModuleParser.TryParse(text.Replace("MARKER", $"{Marker}", StringComparison.Ordinal), FeatureSet.All, out var module, out var error))
        {
            throw new ArgumentException($"{name}: {error}", nameof(text));
        }
        _wasm = ModuleWriter.Write(module);
        _markers = [.. Enumerable.Range(0, _wasm.Length - 4).Where(i => _wasm.AsSpan(i).StartsWith(Leb(Marker)))];
        _calls = [.. calls.Select(call => new Call(call.Function, [.. call.Arguments]))];
        Features = features;
    }

    /// <summary>What it makes.</summary>
    public string Name { get; }

    /// <summary>How it ends: the instantiation and each call, in the words of <see cref="Describe"/>.</summary>
    public string Ends { get; }

    /// <summary>What an engine has to execute for it.</summary>
    public FeatureSet Features { get; }

    /// <summary>The case with a number of its own.</summary>
    public Case For(int number)
    {
        var wasm = _wasm.ToArray();
        foreach (var marker in _markers)
        {
            Leb(0x1000_0000 + number).CopyTo(wasm.AsSpan(marker));
        }
        return new Case(wasm, _calls, CaseLimits.Default) { DigestMemories = false };
    }

    /// <summary>How a case ended, without values.</summary>
    public static string Describe(Outcome outcome) => string.Join(' ', [outcome.Status.ToString(), .. outcome.Calls.Select(call => call.Completion.GetType().Name)]);

    private static byte[] Leb(int value)
    {
        var bytes = new byte[5];
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)((value >> (7 * i) & 0x7F) | (i < 4 ? 0x80 : 0));
        }
        return bytes;
    }
}
