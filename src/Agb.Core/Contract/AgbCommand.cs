using System.Threading.Channels;

namespace Agb;

/// <summary>A command to run in a session.</summary>
public sealed record AgbCommandRequest
{
    /// <summary>The default time limit.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(300);

    /// <summary>The default maximum of kept bytes, for stdout and stderr each (8 MiB); the rest is read and dropped.</summary>
    public const int DefaultMaxOutputBytes = 8 * 1024 * 1024;

    /// <summary>The maximum size of a command in bytes of UTF-8: the kernel's limit for one argument without its NUL
    /// (MAX_ARG_STRLEN, execve(2)).</summary>
    public const int MaxCommandBytes = 131_071;

    /// <summary>The maximum size of all arguments of a command, in bytes of UTF-8 (1 MiB).</summary>
    public const int MaxArgumentBytes = 1024 * 1024;

    /// <summary>The command line, for <c>/bin/bash -c</c> (or <c>/bin/sh -c</c> in an image without bash).</summary>
    public required string Command { get; init; }

    /// <summary>The arguments <c>$1</c>, <c>$2</c> and so on, passed without interpretation by a shell. At most
    /// <see cref="MaxCommandBytes"/> each and <see cref="MaxArgumentBytes"/> together.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>The time limit. At its end the command is killed with all its processes.</summary>
    public TimeSpan Timeout { get; init; } = DefaultTimeout;

    /// <summary>The absolute working directory in the session; null for the home directory.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Environment variables on top of the image's.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>The command's stdin, or null for an empty one. Read until its end or the command's, no faster than the command
    /// reads, and not disposed.</summary>
    /// <remarks>Taken by the embedded service and an Agb server; others throw NotSupported.</remarks>
    public Stream? Input { get; init; }

    /// <summary>Receives the bytes of stdout as they come, in place of <see cref="AgbCommandResult.Stdout"/>, or null. Not
    /// disposed.</summary>
    /// <remarks>While the stream blocks, the command waits in its writes. All bytes are written before the call returns; a failed
    /// write ends the command. The services for <see cref="Input"/> support it, but not together with
    /// <see cref="Lines"/>.</remarks>
    public Stream? Output { get; init; }

    /// <summary>The maximum of kept bytes, for stdout and stderr each.</summary>
    public int MaxOutputBytes { get; init; } = DefaultMaxOutputBytes;

    /// <summary>Receives the output line by line while the command runs, or null.</summary>
    /// <remarks>Every line is written before the call returns, regardless of <see cref="MaxOutputBytes"/>; the writer is not
    /// completed. While it is full, no more output is read: a bounded channel bounds the memory, and the command waits while its
    /// time limit goes on. A writer completed by its reader takes no more lines, and the command goes on.</remarks>
    public ChannelWriter<AgbCommandOutput>? Lines { get; init; }
}

/// <summary>The result of a command. A non-zero exit code is data, not an error.</summary>
public sealed record AgbCommandResult : AgbObject
{
    private byte[] _stdoutBytes = [];
    private byte[] _stderrBytes = [];

    /// <summary>The session of the command.</summary>
    public required string SessionId { get; init; }

    /// <summary>The command line.</summary>
    public required string Command { get; init; }

    /// <summary>Whether the command exited with code 0.</summary>
    public bool Success => ExitCode == 0 && !TimedOut && Signal is null;

    /// <summary>The exit code; 128 plus the signal's number after a signal.</summary>
    public int ExitCode { get; init; }

    /// <summary>The number of the fatal signal, or null (signal(7)).</summary>
    public int? Signal { get; init; }

    /// <summary>The output on stdout, decoded as UTF-8; invalid bytes become U+FFFD.</summary>
    public string Stdout { get; private init; } = "";

    /// <summary>The output on stderr, decoded as UTF-8; invalid bytes become U+FFFD.</summary>
    public string Stderr { get; private init; } = "";

    /// <summary>The lines of stdout without their ends (LF or CR LF); no empty line after the last end.</summary>
    public IReadOnlyList<string> Lines => Indexable.List(TextLines.Split(Stdout));

    /// <summary>stdout followed by stderr.</summary>
    public string Output => Stderr.Length == 0 ? Stdout : Stdout + Stderr;

    /// <summary>Whether the command was killed at its time limit.</summary>
    public bool TimedOut { get; init; }

    /// <summary>A limit reached by the session while the command ran, or null.</summary>
    /// <remarks>Limits belong to the whole session, so parallel commands all report one. Only limits counted for the whole
    /// session are reported: memory and processes in a control group, and the disk.</remarks>
    public AgbLimitKind? LimitReached { get; init; }

    /// <summary>The time from start to end.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Whether <see cref="Stdout"/> is cut at the limit.</summary>
    public bool StdoutTruncated { get; init; }

    /// <summary>Whether <see cref="Stderr"/> is cut at the limit.</summary>
    public bool StderrTruncated { get; init; }

    /// <summary>The bytes of stdout, exactly as written.</summary>
    public byte[] GetStdoutBytes() => _stdoutBytes;

    /// <summary>The bytes of stderr, exactly as written.</summary>
    public byte[] GetStderrBytes() => _stderrBytes;

    /// <summary>Returns a copy with these output bytes. The truncation flags must be set before.</summary>
    public AgbCommandResult WithOutput(byte[] stdout, byte[] stderr) => this with
    {
        _stdoutBytes = stdout,
        _stderrBytes = stderr,
        // Cut output may end with a part of a character; the program wrote a whole one.
        Stdout = Encoding.UTF8.GetString(StdoutTruncated ? Utf8Edge.Before(stdout) : stdout),
        Stderr = Encoding.UTF8.GetString(StderrTruncated ? Utf8Edge.Before(stderr) : stderr),
    };

    /// <inheritdoc/>
    public override string ToString() => Output;
}
