using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Agb.Linux;

/// <summary>A mark that a process and everything it starts carry, so that all of it can be found again, even daemons that
/// left their session and parent and cleaned their environment.</summary>
/// <remarks>The mark is a random soft limit of file locks (RLIMIT_LOCKS, getrlimit(2)): it is inherited over fork and
/// exec, shown in /proc/pid/limits to everyone, and has had no effect since Linux 2.4.25. A program can take the mark off
/// by setting that limit itself: the mark is for ordinary daemons, the end of the session gets the rest.</remarks>
internal static unsafe class ProcessTag
{
    private static readonly Lock s_gate = new();

    /// <summary>Makes a new mark: 62 random bits, or fewer where a hard limit asks for that.</summary>
    public static ulong New()
    {
        ProcessLibc.ResourceLimit current;
        if (ProcessLibc.Limit(0, ProcessLibc.RLIMIT_LOCKS, null, &current) != 0)
        {
            throw ProcessLibc.Error("prlimit(RLIMIT_LOCKS)");
        }
        Span<byte> random = stackalloc byte[8];
        RandomNumberGenerator.Fill(random);
        var value = BinaryPrimitives.ReadUInt64LittleEndian(random) >> 2;
        return 1 + (current.Hard <= value ? value % Math.Max(current.Hard, 1) : value);
    }

    /// <summary>Runs an action that starts a process while this process carries a mark, which the new one inherits.</summary>
    /// <remarks>A process that another part of this program starts at that instant inherits the mark as well. That is
    /// why marked processes are only ever killed when they are in a sandbox too.</remarks>
    public static void While(ulong? tag, Action start)
    {
        lock (s_gate)
        {
            if (tag is not { } value)
            {
                start();
                return;
            }
            ProcessLibc.ResourceLimit old;
            if (ProcessLibc.Limit(0, ProcessLibc.RLIMIT_LOCKS, null, &old) != 0)
            {
                throw ProcessLibc.Error("prlimit(RLIMIT_LOCKS)");
            }
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
                // Setting a soft limit back to what it was can't fail.
                _ = ProcessLibc.Limit(0, ProcessLibc.RLIMIT_LOCKS, &old, null);
            }
        }
    }
}
