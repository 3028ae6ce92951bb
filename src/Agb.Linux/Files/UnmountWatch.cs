using System.Buffers.Binary;

namespace Agb.Linux;

/// <summary>Waits for the end of a file system, when its last mount and its last open file are gone (inotify(7), IN_UNMOUNT). The watch
/// itself does not hold it.</summary>
internal sealed partial class UnmountWatch : IDisposable
{
    private const uint MoveSelf = 0x800, Unmounted = 0x2000;
    private const int HeadBytes = 16;

    private readonly ProcessDescriptor _events;

    private UnmountWatch(ProcessDescriptor events) => _events = events;

    /// <summary>Begins to watch the file system of a directory.</summary>
    /// <returns>Null if the kernel refuses, such as for want of watches.</returns>
    internal static UnmountWatch? TryBegin(SafeHandle directory)
    {
        var number = Init(Posix.O_CLOEXEC | Posix.O_NONBLOCK);
        if (number < 0)
        {
            return null;
        }
        var events = ProcessDescriptor.Own(number, "inotify_init1");
        if (AddWatch(number, $"/proc/self/fd/{(int)directory.DangerousGetHandle()}", MoveSelf) >= 0)
        {
            return new UnmountWatch(events);
        }
        events.Dispose();
        return null;
    }

    /// <summary>Whether the file system ends within a time.</summary>
    internal bool HasEnded(TimeSpan limit)
    {
        Span<byte> buffer = stackalloc byte[4096];
        var began = System.Diagnostics.Stopwatch.GetTimestamp();
        for (var left = limit; left > TimeSpan.Zero; left = limit - System.Diagnostics.Stopwatch.GetElapsedTime(began))
        {
            if (!ProcessWait.One(_events, left) || _events.TryRead(buffer) is not { } count)
            {
                continue;
            }
            // Each event: watch, mask, cookie, length of the name, name.
            for (var at = 0; at + HeadBytes <= count; at += HeadBytes + BinaryPrimitives.ReadInt32LittleEndian(buffer[(at + 12)..]))
            {
                if ((BinaryPrimitives.ReadUInt32LittleEndian(buffer[(at + 4)..]) & Unmounted) != 0)
                {
                    return true;
                }
            }
        }
        return false;
    }

    /// <inheritdoc/>
    public void Dispose() => _events.Dispose();

    [LibraryImport("libc", EntryPoint = "inotify_init1", SetLastError = true)]
    private static partial int Init(int flags);

    [LibraryImport("libc", EntryPoint = "inotify_add_watch", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int AddWatch(int descriptor, string path, uint mask);
}
