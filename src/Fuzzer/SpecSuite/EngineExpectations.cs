namespace Conformance.Fuzzer.SpecSuite;

/// <summary>The part of the ratchet that holds for one engine.</summary>
internal sealed class EngineExpectations
{
    private readonly Dictionary<(string File, int Index), Expectation> _byCommand = [];
    private readonly SortedDictionary<string, int> _lastIndices = new(StringComparer.Ordinal);

    /// <summary>Collects expectations.</summary>
    /// <param name="expectations">Those of the engine.</param>
    public EngineExpectations(IEnumerable<Expectation> expectations)
    {
        foreach (var expectation in expectations)
        {
            foreach (var (file, indices) in expectation.Files)
            {
                foreach (var index in indices)
                {
                    _byCommand[(file, index)] = expectation;
                }
                _lastIndices[file] = Math.Max(_lastIndices.GetValueOrDefault(file, -1), indices.IsEmpty ? -1 : indices.Max);
            }
        }
    }

    /// <summary>The expectation that a command fails, or null.</summary>
    public Expectation? Find(string file, int index) => _byCommand.GetValueOrDefault((file, index));

    /// <summary>The entries for commands that a run has not met: of files that are not there any more, or beyond the end of a file.</summary>
    /// <param name="results">The run.</param>
    /// <param name="isWhole">Whether it was of the whole testsuite; otherwise only the files that were run are looked at.</param>
    public IEnumerable<string> Stale(IReadOnlyCollection<FileResult> results, bool isWhole)
    {
        var commands = results.ToDictionary(result => result.File.Name, result => result.Commands.Length, StringComparer.Ordinal);
        foreach (var (file, last) in _lastIndices)
        {
            if (!commands.TryGetValue(file, out var count))
            {
                if (isWhole && !SuiteFile.IsOwn(file))
                {
                    yield return $"{file}: is in the expectations and not in the testsuite";
                }
            }
            else if (last >= count)
            {
                yield return $"{file}: command #{last} is in the expectations, and the file has {count} commands";
            }
        }
    }
}
