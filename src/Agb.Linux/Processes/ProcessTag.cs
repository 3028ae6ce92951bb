using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Agb.Linux;

/// <summary>A mark on a process and all its descendants, to find them again: even daemons with a new session, a new parent and
/// a clean environment.</summary>
/// <remarks>The mark is a random soft limit of file locks (RLIMIT_LOCKS, getrlimit(2)): inherited over fork and exec, visible
/// to everyone in /proc/pid/limits, and without effect since Linux 2.4.25. A program can remove the mark by setting this limit
/// itself: the mark is for ordinary daemons, the end of the session gets the rest.</remarks>
internal static unsafe class ProcessTag
{
    private static readonly Lock s_gate = new();

    /// <summary>Makes a new mark: 62 random bits, or fewer under a lower hard limit.</summary>
    public static ulong New() => New(ReadLimit().Hard);

    /// <summary>Makes a new mark for a process whose parent has another mark: it can only lower it.</summary>
    /// <param name="parent">The parent's mark.</param>
    public static ulong Below(ulong parent) => New(parent - 1);

    private static ulong New(ulong most)
    {
        Span<byte> random = stackalloc byte[8];
        RandomNumberGenerator.Fill(random);
        var value = BinaryPrimitives.ReadUInt64LittleEndian(random) >> 2;
        return 1 + (most <= value ? value % Math.Max(most, 1) : value);
    }

    /// <summary>Starts a process with a mark: this process carries the mark during the action, and the new one inherits it.</summary>
    /// <remarks>A process started at the same instant by another part of this program inherits the mark as well. So marked
    /// processes are killed only if they are also in a sandbox.</remarks>
    public static void While(ulong? tag, Action start)
    {
        lock (s_gate)
        {
            if (tag is not { } value)
            {
                start();
                return;
            }
            var old = ReadLimit();
            var marked = old with { Soft = value };
            if (ProcessLibc.Limit(0, ProcessLibc.RLIMIT_LOCKS, &marked, null) != 0)
            {
                throw ProcessLibc.Error("prlimit(RLIMIT_LOCKS)");
            }
            try
            {
                start();
            }
            finally
            {
                // Restoring a soft limit can't fail.
                _ = ProcessLibc.Limit(0, ProcessLibc.RLIMIT_LOCKS, &old, null);
            }
        }
    }

    private static ProcessLibc.ResourceLimit ReadLimit()
    {
        ProcessLibc.ResourceLimit limit;
        return ProcessLibc.Limit(0, ProcessLibc.RLIMIT_LOCKS, null, &limit) == 0 ? limit : throw ProcessLibc.Error("prlimit(RLIMIT_LOCKS)");
    }
}
