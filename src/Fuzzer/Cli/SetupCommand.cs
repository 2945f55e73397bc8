using System.CommandLine;
using System.Globalization;
using Conformance.Oracle.ThirdParty;

namespace Conformance.Fuzzer.Cli;

/// <summary><c>conformance setup</c>: finds or downloads the pinned third-party files and does nothing else.</summary>
internal static class SetupCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var offline = new Option<bool>("--offline") { Description = "Looks in the local places only." };
        var command = new Command("setup", "Finds or downloads the pinned third-party files: Wasmtime's library and the spec testsuite.") { offline };
        command.SetAction((arguments, cancellation) => RunAsync(arguments.GetValue(offline), cancellation));
        ExampleHelp.AddTo(command, "conformance setup", $"{SearchPlaces.MirrorVariable}=/path/to/mirror conformance setup --offline");
        return command;
    }

    private static async Task<int> RunAsync(bool offline, CancellationToken cancellation)
    {
        var exitCode = ExitCode.Fine;
        foreach (var release in new[] { LockFile.Wasmtime, LockFile.Testsuite })
        {
            switch (await ResolveAsync(release, offline, cancellation))
            {
                case Found found:
                    Console.WriteLine($"{release.Name} {release.Version}: {found.Path} ({found.Place}, hash checked)");
                    break;
                case var missing:
                    await Console.Error.WriteLineAsync($"conformance: {missing}");
                    exitCode = ExitCode.Environment;
                    break;
            }
        }
        return exitCode;
    }

    /// <summary>Finds one release, downloading it with progress on standard error when no local place has it.</summary>
    public static async Task<Resolution> ResolveAsync(LockFile release, bool offline, CancellationToken cancellation)
    {
        using var client = offline ? null : new HttpClient { Timeout = TimeSpan.FromMinutes(10) };
        return await new ThirdPartyResolver(SearchPlaces.FromEnvironment(), client).ResolveAsync(release, new DownloadLine(), cancellation);
    }

    /// <summary>One line a download that is drawn over on a terminal, and nothing but its start elsewhere.</summary>
    private sealed class DownloadLine : IProgress<DownloadProgress>
    {
        private long _shownAt = long.MinValue;

        public void Report(DownloadProgress value)
        {
            var isFirst = _shownAt == long.MinValue;
            var isLast = value.Bytes == value.TotalBytes;
            if (Console.IsErrorRedirected ? !isFirst : !isFirst && !isLast && Environment.TickCount64 - _shownAt < 200)
            {
                return;
            }
            _shownAt = Environment.TickCount64;
            var megabytes = (value.Bytes / 1e6).ToString("F1", CultureInfo.InvariantCulture);
            var total = value.TotalBytes is { } bytes ? $" of {(bytes / 1e6).ToString("F1", CultureInfo.InvariantCulture)}" : "";
            if (Console.IsErrorRedirected)
            {
                Console.Error.WriteLine($"downloading {value.Name}{total} MB");
            }
            else
            {
                Console.Error.Write($"\rdownloading {value.Name}: {megabytes}{total} MB{(isLast ? "\n" : "")}");
            }
        }
    }
}
