using System.Text;
using System.Threading.Channels;

namespace Agb;

/// <summary>A command to run in a session.</summary>
public sealed record AgbCommandRequest
{
    /// <summary>The time limit when none is given.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(300);

    /// <summary>The most bytes of each of stdout and stderr that a result keeps (8 MiB); the rest is read and dropped.</summary>
    public const int DefaultMaxOutputBytes = 8 * 1024 * 1024;

    /// <summary>The most bytes of UTF-8 that a command may have: the kernel's limit for one argument less its end
    /// (MAX_ARG_STRLEN, execve(2)).</summary>
    public const int MaxCommandBytes = 131_071;

    /// <summary>The most bytes of UTF-8 that all arguments of a command may have together (1 MiB).</summary>
    public const int MaxArgumentBytes = 1024 * 1024;

    /// <summary>The command line, for <c>/bin/bash -c</c> (or <c>/bin/sh -c</c> where the image has no bash).</summary>
    public required string Command { get; init; }

    /// <summary>What the command finds as <c>$1</c>, <c>$2</c> and so on, each as it is: no shell looks at them. At most
    /// <see cref="MaxCommandBytes"/> each and <see cref="MaxArgumentBytes"/> together.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>After this time the command, and all that it started, is killed.</summary>
    public TimeSpan Timeout { get; init; } = DefaultTimeout;

    /// <summary>The absolute directory in the session to run in; null for the home directory.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Environment variables on top of the image's.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>What the command reads from stdin, or null for nothing. The embedded service and an Agb server take it; others throw
    /// NotSupported. It is read until its end or the command's, no faster than the command reads, and not disposed.</summary>
    public Stream? Input { get; init; }

    /// <summary>Takes the bytes of stdout as they come, in place of the result's <see cref="AgbCommandResult.Stdout"/>, or null. While it takes
    /// none the command waits in its writes. All of them are written before the call returns; a write that fails ends the command.
    /// The services that take <see cref="Input"/> take it, but not together with <see cref="Lines"/>. It is not disposed.</summary>
    public Stream? Output { get; init; }

    /// <summary>The most bytes of each of stdout and stderr to keep.</summary>
    public int MaxOutputBytes { get; init; } = DefaultMaxOutputBytes;

    /// <summary>Takes the output line by line while the command runs, or null. The service writes every line before its
    /// call returns the result, whatever <see cref="MaxOutputBytes"/> says, and does not complete the writer. While there
    /// is no room it reads no more of the output, so a bounded channel bounds the memory and the command waits; its time
    /// limit goes on. A writer that the reader has completed takes no more lines, and the command goes on.</summary>
    public ChannelWriter<AgbCommandOutput>? Lines { get; init; }
}

/// <summary>What a command did. A non-zero exit is data, not an error.</summary>
public sealed record AgbCommandResult : AgbObject
{
    private byte[] _stdoutBytes = [];
    private byte[] _stderrBytes = [];

    /// <summary>The session that the command ran in.</summary>
    public required string SessionId { get; init; }

    /// <summary>The command line.</summary>
    public required string Command { get; init; }

    /// <summary>Whether the command ended by itself with exit code 0.</summary>
    public bool Success => ExitCode == 0 && !TimedOut && Signal is null;

    /// <summary>The exit code; 128 plus the signal's number when a signal ended the command.</summary>
    public int ExitCode { get; init; }

    /// <summary>The number of the signal that ended the command, or null (signal(7)).</summary>
    public int? Signal { get; init; }

    /// <summary>What the command wrote to stdout, decoded as UTF-8; invalid bytes become U+FFFD.</summary>
    public string Stdout { get; private init; } = "";

    /// <summary>What the command wrote to stderr, decoded as UTF-8; invalid bytes become U+FFFD.</summary>
    public string Stderr { get; private init; } = "";

    /// <summary>The lines of stdout without their ends (LF or CR LF); the end of the last line begins no other.</summary>
    public IReadOnlyList<string> Lines => Indexable.List(TextLines.Split(Stdout));

    /// <summary>stdout followed by stderr.</summary>
    public string Output => Stderr.Length == 0 ? Stdout : Stdout + Stderr;

    /// <summary>Whether the command was killed because its time was over.</summary>
    public bool TimedOut { get; init; }

    /// <summary>The limit that the session reached while the command ran, or null. A session has its limits as a whole, so with
    /// several commands at a time each of them names it. Only what the kernel or the service counts for the whole session is
    /// named: memory and processes in a control group, and the disk.</summary>
    public AgbLimitKind? LimitReached { get; init; }

    /// <summary>From start to end.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Whether stdout was longer than the limit, so that <see cref="Stdout"/> is its beginning only.</summary>
    public bool StdoutTruncated { get; init; }

    /// <summary>Whether stderr was longer than the limit, so that <see cref="Stderr"/> is its beginning only.</summary>
    public bool StderrTruncated { get; init; }

    /// <summary>The bytes of stdout, exactly as written.</summary>
    public byte[] GetStdoutBytes() => _stdoutBytes;

    /// <summary>The bytes of stderr, exactly as written.</summary>
    public byte[] GetStderrBytes() => _stderrBytes;

    /// <summary>The same result with these output bytes. What is said of their being cut must be set before.</summary>
    public AgbCommandResult WithOutput(byte[] stdout, byte[] stderr) => this with
    {
        _stdoutBytes = stdout,
        _stderrBytes = stderr,
        // Where the output was cut, half a character may be the last of the bytes; the program wrote a whole one.
        Stdout = Encoding.UTF8.GetString(StdoutTruncated ? Utf8Edge.Before(stdout) : stdout),
        Stderr = Encoding.UTF8.GetString(StderrTruncated ? Utf8Edge.Before(stderr) : stderr),
    };

    /// <inheritdoc/>
    public override string ToString() => Output;
}
