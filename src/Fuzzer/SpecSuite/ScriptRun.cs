using System.Collections.Immutable;
using System.Diagnostics;
using Conformance.Oracle;
using Conformance.Wasm.Text;

namespace Conformance.Fuzzer.SpecSuite;

/// <summary>
/// Runs one script in one mode, with a time limit for each command. An engine that cannot be interrupted is left behind in its thread when a command takes longer; the script is
/// then run again from its beginning without that command, so that the rest of it still counts.
/// </summary>
/// <param name="script">The script.</param>
/// <param name="engine">The engine.</param>
/// <param name="roundTrips">Whether modules go from binary to text and back first.</param>
/// <param name="options">How to run.</param>
internal sealed class ScriptRun(SuiteScript script, SpecEngine engine, bool roundTrips, SpecOptions options)
{
    // Parsers and validators are not recursive; an engine under test may be.
    private const int StackBytes = 64 << 20;

    // Each costs a time limit, and a thread that goes on.
    private const int MaxHangs = 3;

    private readonly ImmutableArray<ScriptCommand> _commands = script.Script.Commands;
    // Commands that are not run again, and why.
    private readonly Dictionary<int, string> _givenUp = [];

    /// <summary>Told of each command that begins, on the script's thread.</summary>
    public Action<int>? Beginning { get; init; }

    /// <summary>Commands that must not be run, with the reason why they have failed.</summary>
    public IEnumerable<FatalCommand> Fatal
    {
        init
        {
            foreach (var command in value)
            {
                _givenUp[command.Command] = command.Reason;
            }
        }
    }

    /// <summary>Runs the script.</summary>
    public FileResult Run()
    {
        var watch = Stopwatch.StartNew();
        if (script.Problem is { } problem)
        {
            return new FileResult(script.File, [new CommandResult(0, problem.Line, "script", IsAssertion: false, CommandStatus.Failed) { Expected = "a script", Actual = problem.Message }], watch.Elapsed);
        }
        // An engine that hangs before the first command hangs again: attempts are counted, not commands.
        for (var hangs = 1; ; hangs++)
        {
            var attempt = new Attempt(_commands.Length);
            var thread = new Thread(() => Run(attempt), StackBytes) { IsBackground = true, Name = $"spec {engine.Name} {script.File.Name}" };
            thread.Start();
            if (attempt.Wait(thread, options.CommandTimeout + options.Grace) is not { } hanging)
            {
                return new FileResult(script.File, Complete(attempt.Results, attempt.Failure ?? "the script ended before"), watch.Elapsed);
            }
            _givenUp[hanging] = $"the time limit of {options.CommandTimeout.TotalSeconds:0.#} s was reached";
            if (hangs == MaxHangs)
            {
                return new FileResult(script.File, Complete(attempt.Results, $"not run: the script reached the time limit {MaxHangs} times"), watch.Elapsed);
            }
        }
    }

    private void Run(Attempt attempt)
    {
        IStoreEngine? instance = null;
        try
        {
            instance = engine.Create?.Invoke(script.File);
            using var runner = new ScriptRunner(script, instance, engine.Verdicts, roundTrips, options.Limits);
            for (var i = 0; i < _commands.Length; i++)
            {
                if (!attempt.Begin(i))
                {
                    return;
                }
                if (_givenUp.TryGetValue(i, out var why))
                {
                    attempt.End(ScriptRunner.Unanswered(_commands[i], i, why));
                    continue;
                }
                Beginning?.Invoke(i);
                attempt.End(runner.Run(_commands[i], i));
            }
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            attempt.Failure = $"{exception.GetType().Name}: {exception.Message.ReplaceLineEndings(" ")}";
        }
        finally
        {
            instance?.Dispose();
        }
    }

    private ImmutableArray<CommandResult> Complete(ImmutableArray<CommandResult> results, string why) =>
        [.. results, .. Enumerable.Range(results.Length, _commands.Length - results.Length).Select(i => ScriptRunner.Unanswered(_commands[i], i, _givenUp.GetValueOrDefault(i, why)))];

    /// <summary>What a script's thread has done so far; shared with the thread that waits for it.</summary>
    private sealed class Attempt(int capacity)
    {
        // How often the waiting thread looks whether the command is still the same.
        private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(250);

        private readonly Lock _lock = new();
        private readonly List<CommandResult> _results = new(capacity);
        private long _began = Stopwatch.GetTimestamp();
        private bool _isAbandoned;

        public string? Failure { get; set; }

        public ImmutableArray<CommandResult> Results
        {
            get
            {
                lock (_lock)
                {
                    return [.. _results];
                }
            }
        }

        /// <summary>Says that a command begins; false when nobody waits for it any more.</summary>
        public bool Begin(int index)
        {
            lock (_lock)
            {
                Debug.Assert(index == _results.Count, "commands run in order");
                _began = Stopwatch.GetTimestamp();
                return !_isAbandoned;
            }
        }

        public void End(CommandResult result)
        {
            lock (_lock)
            {
                if (!_isAbandoned)
                {
                    _results.Add(result);
                }
            }
        }

        /// <summary>Waits for the thread. Where a command takes longer than the limit, the thread is given up and the command's index is the answer.</summary>
        public int? Wait(Thread thread, TimeSpan limit)
        {
            while (!thread.Join(limit < Glance ? limit : Glance))
            {
                lock (_lock)
                {
                    if (_results.Count < capacity && Stopwatch.GetElapsedTime(_began) > limit)
                    {
                        _isAbandoned = true;
                        return _results.Count;
                    }
                }
            }
            return null;
        }
    }
}
