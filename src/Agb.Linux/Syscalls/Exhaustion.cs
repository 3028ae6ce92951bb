using System.Net.Sockets;

namespace Agb.Linux;

/// <summary>Recognizes errors of exhausted memory, processes or descriptors. Such an error says nothing about the object of the
/// call: an unreadable process has not ended, and an unreadable record is not damaged.</summary>
public static class Exhaustion
{
    /// <summary>The reason in place of an OutOfMemoryException's message.</summary>
    internal const string NoThread = "there is no memory, or no thread can be started";

    // The C library's messages for the same errors, in programs with the locale C.
    private static readonly string[] s_words =
    [
        "Resource temporarily unavailable", "Cannot allocate memory", "Out of memory", "Too many open files", "Cannot fork",
    ];

    /// <summary>Whether an exception is due to exhaustion.</summary>
    public static bool Is(Exception e) =>
        // A failed start of a thread is an OutOfMemoryException. On Unix, .NET keeps errno in the low bits of HResult.
        e is OutOfMemoryException
        || e is SocketException { SocketErrorCode: SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable }
        || (e is IOException && (e.HResult & 0xFFFF) is Errno.ENOMEM or Errno.EAGAIN or Errno.ENFILE or Errno.EMFILE);

    /// <summary>The first of a program's messages about exhaustion, or null.</summary>
    internal static string? Find(string said) =>
        said.Split('\n', StringSplitOptions.TrimEntries).FirstOrDefault(l => s_words.Any(w => l.Contains(w, StringComparison.OrdinalIgnoreCase)));
}
