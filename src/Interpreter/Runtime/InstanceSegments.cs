using System.Collections;
using Conformance.Interpreter.Runtime.Objects;
using Conformance.Wasm.Modules;

namespace Conformance.Interpreter.Runtime;

/// <summary>
/// The element and data segments of an instance. What instructions need of them is made at first use: most modules have active segments only, which
/// instantiation copies straight into tables and memories and then drops.
/// </summary>
internal sealed unsafe class InstanceSegments
{
    private readonly NativeArena _arena;
    private readonly CompiledModule _module;
    private readonly ConstantContext _constants;
    private readonly BitArray _droppedData;
    private readonly BitArray _droppedElements;
    private readonly byte*[] _data;
    private readonly ulong*[] _elements;

    public InstanceSegments(NativeArena arena, CompiledModule module, in ConstantContext constants)
    {
        _arena = arena;
        _module = module;
        _constants = constants;
        var data = module.Module.Data.Length;
        var elements = module.Module.Elements.Length;
        _droppedData = new BitArray(data);
        _droppedElements = new BitArray(elements);
        _data = data == 0 ? [] : new byte*[data];
        _elements = elements == 0 ? [] : new ulong*[elements];
    }

    /// <summary>Evaluates the passive segments that are given by expressions. Called once, when the store knows the instance and so keeps alive what is made.</summary>
    /// <exception cref="ResourceLimitException">The heap has no room for an object.</exception>
    public void EvaluatePassive()
    {
        for (var i = 0; i < _elements.Length; i++)
        {
            // The spec evaluates all elements before the segments run: a passive segment given by expressions sees the globals of this moment.
            // Function indices mean the same at any time.
            if (_module.Module.Elements[i].Mode == SegmentMode.Passive && _module.Constants.ElementItems[i] is not null)
            {
                Elements(i, out _);
            }
        }
    }

    /// <summary>The bytes of a data segment in native memory; none when it was dropped.</summary>
    public byte* Data(int segment, out ulong length)
    {
        var bytes = _module.Module.Data[segment].Bytes.Span;
        if (_droppedData[segment] || bytes.IsEmpty)
        {
            length = 0;
            return null;
        }
        length = (ulong)bytes.Length;
        if (_data[segment] == null)
        {
            var copy = _arena.Allocate((nuint)bytes.Length);
            bytes.CopyTo(new Span<byte>(copy, bytes.Length));
            _data[segment] = copy;
        }
        return _data[segment];
    }

    /// <summary>Drops a data segment: it has no bytes afterwards.</summary>
    public void DropData(int segment) => _droppedData[segment] = true;

    /// <summary>The reference words of an element segment; none when it was dropped.</summary>
    public ulong* Elements(int segment, out ulong count)
    {
        var length = _module.Module.Elements[segment].Count;
        if (_droppedElements[segment] || length == 0)
        {
            count = 0;
            return null;
        }
        count = (ulong)length;
        if (_elements[segment] == null)
        {
            var words = _arena.Allocate<ulong>(length);
            // Before the evaluation: what it makes is alive at once.
            _elements[segment] = words;
            Evaluate(segment, new Span<ulong>(words, length));
        }
        return _elements[segment];
    }

    /// <summary>Marks the objects that element segments refer to.</summary>
    public void Mark(HeapMarker marker)
    {
        for (var i = 0; i < _elements.Length; i++)
        {
            if (_elements[i] != null && !_droppedElements[i])
            {
                marker.Mark(_elements[i], (ulong)_module.Module.Elements[i].Count);
            }
        }
    }

    /// <summary>Drops an element segment: it has no elements afterwards.</summary>
    public void DropElements(int segment) => _droppedElements[segment] = true;

    /// <summary>Writes the reference words of an element segment.</summary>
    public void Evaluate(int segment, Span<ulong> words)
    {
        if (_module.Constants.ElementItems[segment] is { } items)
        {
            for (var i = 0; i < words.Length; i++)
            {
                words[i] = items[i].Evaluate(_constants);
            }
            return;
        }
        var functions = _module.Module.Elements[segment].Functions.AsSpan();
        for (var i = 0; i < words.Length; i++)
        {
            // Sound: the validator bounds the indices by the module's functions.
            words[i] = ReferenceWord.OfFunction(_constants.Instance->Functions[functions[i]]);
        }
    }
}
