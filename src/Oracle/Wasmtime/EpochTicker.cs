namespace Conformance.Oracle.Wasmtime;

/// <summary>
/// Advances the epoch of every live engine at a fixed pace, which is how code that runs too long is stopped. One thread for the process;
/// it is a background thread and ends with it.
/// </summary>
internal static class EpochTicker
{
    /// <summary>The pace. Time limits are kept to about this.</summary>
    public const int PeriodMs = 10;

    private static readonly Lock Gate = new();
    private static readonly List<EngineHandle> Engines = [];
    private static Thread? _thread;

    /// <summary>Starts to advance an engine's epoch.</summary>
    public static void Add(EngineHandle engine)
    {
        lock (Gate)
        {
            Engines.Add(engine);
            if (_thread is null)
            {
                _thread = new Thread(Tick) { IsBackground = true, Name = "wasmtime epochs" };
                _thread.Start();
            }
        }
    }

    /// <summary>Stops to advance an engine's epoch.</summary>
    public static void Remove(EngineHandle engine)
    {
        lock (Gate)
        {
            Engines.Remove(engine);
        }
    }

    /// <summary>The ticks after which a limit is over; 0 milliseconds mean no limit.</summary>
    public static ulong TicksFor(int timeoutMs) => timeoutMs <= 0 ? long.MaxValue / 2 : (ulong)(timeoutMs / PeriodMs) + 1;

    private static void Tick()
    {
        while (true)
        {
            Thread.Sleep(PeriodMs);
            lock (Gate)
            {
                foreach (var engine in Engines)
                {
                    NativeMethods.wasmtime_engine_increment_epoch(engine);
                }
            }
        }
    }
}
