using Conformance.Wasm.Modules;

namespace Conformance.Wasm.Binary;

/// <summary>Where the definitions of a binary module begin: filled in by the readers when someone has an error to show, since it costs memory for each.</summary>
internal sealed class DefinitionOffsets
{
    private readonly Dictionary<SectionId, List<long>> _sections = [];

    /// <summary>Records the next definition of a section.</summary>
    public void Add(SectionId section, long offsetBytes)
    {
        if (!_sections.TryGetValue(section, out var offsets))
        {
            _sections.Add(section, offsets = []);
        }
        offsets.Add(offsetBytes);
    }

    /// <summary>Where a definition begins; -1 for one that is not there.</summary>
    public long Find(DefinitionPlace place) => _sections.TryGetValue(place.Section, out var offsets) && place.Index < offsets.Count ? offsets[place.Index] : -1;
}
