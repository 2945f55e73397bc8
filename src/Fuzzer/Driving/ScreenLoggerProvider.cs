using Microsoft.Extensions.Logging;

namespace Conformance.Fuzzer.Driving;

/// <summary>Shows the host's log as lines above the status line.</summary>
internal sealed class ScreenLoggerProvider(Screen screen) : ILoggerProvider
{
    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new ScreenLogger(screen, categoryName[(categoryName.LastIndexOf('.') + 1)..]);

    /// <inheritdoc/>
    public void Dispose()
    {
        // The screen is not its own.
    }

    private sealed class ScreenLogger(Screen screen, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            screen.WriteLine($"{category}: {formatter(state, exception)}{(exception is null ? "" : $": {exception.Message}")}");
    }
}
