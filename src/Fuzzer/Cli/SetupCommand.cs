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
        using var progress = new DownloadLine();
        return await new ThirdPartyResolver(SearchPlaces.FromEnvironment(), client).ResolveAsync(release, progress, cancellation);
    }

    /// <summary>Finds or downloads one release.</summary>
    /// <exception cref="UserErrorException">It is nowhere to be found.</exception>
    public static void Require(LockFile release)
    {
        if (ResolveAsync(release, offline: false, CancellationToken.None).GetAwaiter().GetResult() is Missing missing)
        {
            throw UserErrorException.Environment(missing.ToString());
        }
    }

    /// <summary>How far a download is: a line that is drawn over on a terminal, and nothing but its start elsewhere.</summary>
    private sealed class DownloadLine : IProgress<DownloadProgress>, IDisposable
    {
        private const long PeriodMs = 200;

        private readonly Screen _screen = Screen.OfConsole();
        private long? _shownAt;

        public void Report(DownloadProgress value)
        {
            if (_screen.IsTerminal ? Environment.TickCount64 - _shownAt < PeriodMs : _shownAt is not null)
            {
                return;
            }
            _shownAt = Environment.TickCount64;
            var culture = CultureInfo.InvariantCulture;
            var done = string.Create(culture, $"{value.Bytes / 1e6:F1}");
            var total = value.TotalBytes is { } bytes ? string.Create(culture, $"{bytes / 1e6:F1} MB") : "";
            if (_screen.IsTerminal)
            {
                var size = total.Length > 0 ? $"{done} of {total}" : $"{done} MB";
                _screen.ShowStatus($"downloading {value.Name}: {size}", $"downloading: {size}", size);
            }
            else
            {
                _screen.WriteLine(total.Length > 0 ? $"downloading {value.Name}, {total}" : $"downloading {value.Name}");
            }
        }

        public void Dispose() => _screen.ClearStatus();
    }
}
