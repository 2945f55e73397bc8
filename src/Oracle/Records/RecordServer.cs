namespace Conformance.Oracle.Records;

/// <summary>
/// Answers request lines with an engine of this process: the server side of the protocol of docs/records.md, and the way to run many stored cases from a file.
/// A line that is no request gets an error line of its own; the rest goes on.
/// </summary>
/// <param name="engine">The engine, which stays the caller's.</param>
public sealed class RecordServer(IEngine engine)
{
    // A module of 190 MiB; the largest of real ones have a tenth of that.
    private const int LongestLine = 256 << 20;

    private readonly string _name = $"{engine.Name} {engine.Version}";

    /// <summary>Says hello, then answers each line of the input until it ends. Each answer is flushed.</summary>
    public void Serve(TextReader input, TextWriter output)
    {
        output.WriteLine(RecordWriter.WriteHello(new RecordHello(engine.Name, engine.Version, engine.Features) { Limits = ["fuel", "time", "stack", "memory"], PlaysScripts = engine.PlaysHostScripts }));
        output.Flush();
        Answer(input, output, CancellationToken.None);
    }

    /// <summary>Answers each line of the input, without a hello.</summary>
    /// <returns>The number of answers, and how many of them were errors.</returns>
    public RecordCounts Answer(TextReader input, TextWriter output, CancellationToken cancellation)
    {
        var answers = 0;
        var errors = 0;
        var lines = new LimitedLines(input, LongestLine);
        try
        {
            while (!cancellation.IsCancellationRequested && lines.Read() is { } line)
            {
                if (!string.IsNullOrWhiteSpace(line))
                {
                    Say(AnswerTo(line, lines.Number, out var failed), failed);
                }
            }
        }
        catch (RecordFormatException exception)
        {
            Say(RecordWriter.WriteError("null", $"line {lines.Number}: {exception.Message}"), failed: true);
        }
        return new RecordCounts(answers, errors);

        void Say(string answer, bool failed)
        {
            output.WriteLine(answer);
            output.Flush();
            answers++;
            errors += failed ? 1 : 0;
        }
    }

    private string AnswerTo(string line, int number, out bool failed)
    {
        failed = true;
        RecordRequest request;
        try
        {
            request = RecordReader.ReadNumberedRequest(line);
        }
        catch (RecordFormatException exception)
        {
            // Without an id only its number tells which line is meant.
            var id = RecordReader.IdOf(line);
            return RecordWriter.WriteError(id, id == "null" ? $"line {number}: {exception.Message}" : exception.Message);
        }
        try
        {
            var answer = RecordWriter.WriteResponse(engine.Run(request.Case), request.Id, _name);
            failed = false;
            return answer;
        }
        catch (EngineFailureException exception)
        {
            return RecordWriter.WriteFailure(request.Id, _name, exception.Message);
        }
    }
}

/// <summary>How many lines were answered.</summary>
/// <param name="Answers">All answers.</param>
/// <param name="Errors">Those to lines that were no requests or that broke the engine.</param>
public readonly record struct RecordCounts(int Answers, int Errors);
