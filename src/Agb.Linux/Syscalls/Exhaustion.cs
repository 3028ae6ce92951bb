namespace Agb.Linux;

/// <summary>Tells by what the operating system says that it has no more memory, processes or descriptors to give. Such an answer says
/// nothing about what was asked for: a process that can't be looked at has not ended, and a record that can't be opened is not damaged.</summary>
public static class Exhaustion
{
    /// <summary>What an OutOfMemoryException says no better.</summary>
    internal const string NoThread = "there is no memory, or no thread can be started";

    // What the C library calls the same errors, in the words of programs whose locale is C.
    private static readonly string[] s_words =
    [
        "Resource temporarily unavailable", "Cannot allocate memory", "Out of memory", "Too many open files", "Cannot fork",
    ];

    /// <summary>Whether an exception comes of it.</summary>
    public static bool Is(Exception e) =>
        // A thread that can't be started is an OutOfMemoryException. .NET keeps errno in the low bits of HResult on Unix.
        e is OutOfMemoryException
        || (e is IOException && (e.HResult & 0xFFFF) is PosixException.ENOMEM or PosixException.EAGAIN or PosixException.ENFILE or PosixException.EMFILE);

    /// <summary>The line of a program's messages that says so, or null.</summary>
    internal static string? Find(string said) =>
        said.Split('\n', StringSplitOptions.TrimEntries).FirstOrDefault(l => s_words.Any(w => l.Contains(w, StringComparison.OrdinalIgnoreCase)));
}
