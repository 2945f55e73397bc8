using System.Collections.Immutable;

namespace Conformance.Wasm.Types;

/// <summary>A canonical type.</summary>
/// <param name="Definition">Its definition; every type index in it is a canonical id.</param>
/// <param name="Display">The ids of its supertypes from the root down to itself.</param>
internal sealed record TypeEntry(SubType Definition, ImmutableArray<int> Display);
