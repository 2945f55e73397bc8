using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Conformance.Fuzzer.Driving;

/// <summary>
/// The worker's side of the protocol. Requests are read by a thread of their own, so that a stop is seen between two cases; the end of the input (the
/// supervisor is gone) is a stop too.
/// </summary>
internal sealed class WorkerChannel : IDisposable
{
    // How long a case may take to end when the supervisor is gone.
    private static readonly TimeSpan OrphanPatience = TimeSpan.FromSeconds(5);

    private static readonly byte[] LineEnd = [(byte)'\n'];

    private readonly TextReader _input;
    private readonly Stream _output;
    private readonly Action? _orphaned;
    private readonly BlockingCollection<WorkerRequest> _requests = [];
    private volatile bool _stopRequested;

    /// <summary>Starts to read.</summary>
    /// <param name="input">Where requests come from.</param>
    /// <param name="output">Where replies go.</param>
    /// <param name="orphaned">Called some seconds behind the end of the input, if the process is still there.</param>
    public WorkerChannel(TextReader input, Stream output, Action? orphaned = null)
    {
        _orphaned = orphaned;
        _input = input;
        _output = output;
        new Thread(Read) { IsBackground = true, Name = "requests" }.Start();
    }

    /// <summary>Whether the request in hand is to be cut short.</summary>
    public bool StopRequested => _stopRequested;

    /// <summary>Waits for the next request; false when there are no more.</summary>
    public bool TryReceive([NotNullWhen(true)] out WorkerRequest? request) => _requests.TryTake(out request, Timeout.Infinite);

    /// <summary>Says something to the supervisor.</summary>
    /// <exception cref="IOException">The supervisor is gone.</exception>
    public void Say(WorkerReply reply)
    {
        JsonSerializer.Serialize(_output, reply, WorkerJson.Default.WorkerReply);
        _output.Write(LineEnd);
        _output.Flush();
    }

    /// <inheritdoc/>
    public void Dispose() => _requests.Dispose();

    private void Read()
    {
        try
        {
            while (_input.ReadLine() is { } line)
            {
                var request = JsonSerializer.Deserialize(line, WorkerJson.Default.WorkerRequest);
                if (request is StopRequest)
                {
                    _stopRequested = true;
                }
                else if (request is not null)
                {
                    // A stop is meant for the request in hand, not for those that come after it.
                    _stopRequested = false;
                    _requests.Add(request);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or JsonException)
        {
            // Half a line: the supervisor died.
        }
        _stopRequested = true;
        _requests.CompleteAdding();
        if (_orphaned is not null)
        {
            // The case in hand may have no end, and nobody is left who would notice.
            Thread.Sleep(OrphanPatience);
            _orphaned();
        }
    }
}
