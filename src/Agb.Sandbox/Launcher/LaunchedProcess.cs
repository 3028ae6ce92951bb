using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Agb.Sandbox;

/// <summary>The part of a start that failed. The numbers are those of <c>launcher.c</c>.</summary>
internal enum LaunchStep
{
    Request = 1,
    Fork,
    Limit,
    Terminal,
    Directory,
    Exec,
}

/// <summary>A program that the launcher of a sandbox could not start.</summary>
/// <param name="step">The part that failed.</param>
/// <param name="errno">Its error, also in <see cref="Exception.HResult"/>.</param>
internal sealed class LaunchException(LaunchStep step, int errno)
    : IOException($"{(step == LaunchStep.Fork ? "fork" : step.ToString())}: {Marshal.GetPInvokeErrorMessage(errno)}", errno)
{
    /// <summary>The part that failed.</summary>
    public LaunchStep Step { get; } = step;

    /// <summary>The message of the system.</summary>
    public string Reason { get; } = Marshal.GetPInvokeErrorMessage(errno);
}

/// <summary>A program to start.</summary>
/// <param name="Tag">Its mark, lower than the sandbox's.</param>
/// <param name="Directory">Its working directory.</param>
/// <param name="Arguments">Its absolute path, and its arguments.</param>
/// <param name="Environment">All of its environment.</param>
/// <param name="OnTerminal">Whether its stdin becomes its controlling terminal.</param>
internal sealed record LaunchRequest(
    ulong Tag, string Directory, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Environment, bool OnTerminal = false)
{
    private const int HeaderBytes = sizeof(ulong) + (4 * sizeof(uint));

    /// <summary>The bytes for the launcher: struct request, then strings, each ended by a 0.</summary>
    public byte[] ToBytes()
    {
        string[] strings = [Directory, .. Arguments, .. Environment.Select(e => $"{e.Key}={e.Value}")];
        var bytes = new byte[HeaderBytes + strings.Sum(s => Encoding.UTF8.GetByteCount(s) + 1)];
        BitConverter.TryWriteBytes(bytes, Tag);
        BitConverter.TryWriteBytes(bytes.AsSpan(8), OnTerminal ? 1u : 0);
        BitConverter.TryWriteBytes(bytes.AsSpan(12), (uint)Arguments.Count);
        BitConverter.TryWriteBytes(bytes.AsSpan(16), (uint)Environment.Count);
        var next = HeaderBytes;
        foreach (var text in strings)
        {
            next += Encoding.UTF8.GetBytes(text, bytes.AsSpan(next)) + 1;
        }
        return bytes;
    }
}

/// <summary>A program started by the launcher of a sandbox, as its child. Disposal leaves it running.</summary>
internal sealed class LaunchedProcess : IRunningProcess
{
    // The launcher answers in less than a millisecond. Stopped from the host, it may not.
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private static readonly Lazy<SafeFileHandle> s_nothing = new(() => File.OpenHandle("/dev/null", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite));

    private readonly ProcessDescriptor _connection;

    private LaunchedProcess(ProcessDescriptor connection, PidFd process)
    {
        _connection = connection;
        Process = process;
    }

    /// <inheritdoc/>
    public PidFd Process { get; }

    /// <inheritdoc/>
    public ProcessDescriptor Ended => _connection;

    /// <summary>Starts a program.</summary>
    /// <param name="launcher">The path of the launcher's socket.</param>
    /// <param name="request">The program.</param>
    /// <param name="input">Its stdin; null for none.</param>
    /// <param name="output">Its stdout.</param>
    /// <param name="errors">Its stderr.</param>
    /// <exception cref="LaunchException">It was not started.</exception>
    /// <exception cref="IOException">The launcher is gone, or does not answer; HResult is the errno.</exception>
    public static LaunchedProcess Start(string launcher, LaunchRequest request, SafeHandle? input, SafeHandle output, SafeHandle errors)
    {
        var connection = LocalSocket.Connect(Path.GetDirectoryName(launcher)!, Path.GetFileName(launcher));
        try
        {
            using (var memory = LocalSocket.Memory(request.ToBytes()))
            {
                LocalSocket.Send(connection, input ?? s_nothing.Value, output, errors, memory);
            }
            if (!ProcessWait.One(connection, s_limit))
            {
                throw ProcessLibc.Error("the start by the launcher", Errno.ETIMEDOUT);
            }
            Span<byte> answer = stackalloc byte[8];
            if (LocalSocket.Receive(connection, answer, out var process) != answer.Length)
            {
                process?.Dispose();
                throw ProcessLibc.Error("the start by the launcher", Errno.ECONNRESET);
            }
            var step = (LaunchStep)BitConverter.ToInt32(answer);
            return step != 0 ? throw new LaunchException(step, BitConverter.ToInt32(answer[4..]))
                : process is null ? throw ProcessLibc.Error("pidfd_open of the launcher", Errno.EMFILE)
                : new LaunchedProcess(connection, PidFd.Of(process));
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public (int ExitCode, int? Signal) TakeStatus()
    {
        Span<byte> status = stackalloc byte[4];
        // Without an answer the launcher was killed, and with it the sandbox and this program.
        return LocalSocket.Receive(_connection, status, out _) == status.Length
            ? ProcessSpawn.ReadStatus(BitConverter.ToInt32(status))
            : (128 + PidFd.SIGKILL, PidFd.SIGKILL);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Process.Dispose();
        _connection.Dispose();
    }
}
