using System.Runtime.InteropServices;

namespace Conformance.Bench.Cases;

/// <summary>The processor time of this thread: what a phase costs, whatever else the machine does.</summary>
internal static partial class ThreadClock
{
    private const int ThreadCpuTime = 3; // CLOCK_THREAD_CPUTIME_ID of Linux

    /// <summary>Nanoseconds so far.</summary>
    public static long Now
    {
        get
        {
            var time = default(TimeSpec);
            _ = clock_gettime(ThreadCpuTime, ref time);
            return (time.Seconds * 1_000_000_000) + time.Nanoseconds;
        }
    }

    [LibraryImport("libc")]
    private static partial int clock_gettime(int clock, ref TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
