using System.Diagnostics;
using Agb.Linux;

namespace Agb.Server;

/// <summary>Files and directories readable only by the server's user.</summary>
internal static class PrivateFile
{
    private const UnixFileMode FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode DirectoryMode = FileMode | UnixFileMode.UserExecute;

    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(10);

    /// <summary>Makes a directory; an existing one is closed to other users.</summary>
    internal static void MakeDirectory(string path)
    {
        Directory.CreateDirectory(path, DirectoryMode);
        File.SetUnixFileMode(path, DirectoryMode);
    }

    /// <summary>Replaces a file atomically: a reader sees the old or the new file, even after a power failure.</summary>
    internal static void Replace(string path, ReadOnlySpan<byte> content) => AtomicFile.Replace(path, content, FileMode, flush: true);

    /// <summary>Holds a lock file until the result is disposed.</summary>
    /// <param name="path">The file.</param>
    /// <param name="timeout">The longest wait for another holder; null for ten seconds.</param>
    /// <exception cref="IOException">Another process holds it for longer, or it can't be opened.</exception>
    internal static FileStream Lock(string path, TimeSpan? timeout = null)
    {
        var began = Stopwatch.GetTimestamp();
        for (; ; )
        {
            try
            {
                return new FileStream(path, new FileStreamOptions
                {
                    Mode = System.IO.FileMode.OpenOrCreate,
                    Access = FileAccess.ReadWrite,
                    Share = FileShare.None,
                    UnixCreateMode = FileMode,
                });
            }
            // Another process holds it briefly.
            catch (IOException) when (File.Exists(path) && Stopwatch.GetElapsedTime(began) < (timeout ?? s_timeout))
            {
#pragma warning disable RS0030 // The caller is synchronous, and the kernel has no event for a freed lock.
                Thread.Sleep(10);
#pragma warning restore RS0030
            }
        }
    }
}
