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

    /// <summary>The lifetime of the launcher in whole milliseconds, at least one.</summary>
    public static ulong Milliseconds(TimeSpan lifetime) => (ulong)Math.Max(1, Math.Ceiling(lifetime.TotalMilliseconds));

    /// <summary>The bytes for a new lifetime of the sandbox, from now on.</summary>
    /// <param name="lifetime">The rest of it; null for no end.</param>
    public static byte[] LifetimeBytes(TimeSpan? lifetime)
    {
        const uint Lifetime = 2;
        var bytes = new byte[HeaderBytes + 1];
        BitConverter.TryWriteBytes(bytes, lifetime is { } rest ? Milliseconds(rest) : 0);
        BitConverter.TryWriteBytes(bytes.AsSpan(8), Lifetime);
        return bytes;
    }

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
            var process = Ask(connection, request.ToBytes(), input ?? s_nothing.Value, output, errors);
            return process is null ? throw ProcessLibc.Error("pidfd_open of the launcher", Errno.EMFILE) : new LaunchedProcess(connection, PidFd.Of(process));
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Sets the lifetime of a sandbox anew.</summary>
    /// <param name="launcher">The path of the launcher's socket.</param>
    /// <param name="lifetime">The rest of it; null for no end.</param>
    /// <exception cref="IOException">The launcher is gone, or does not answer; HResult is the errno.</exception>
    public static void SetLifetime(string launcher, TimeSpan? lifetime)
    {
        using var connection = LocalSocket.Connect(Path.GetDirectoryName(launcher)!, Path.GetFileName(launcher));
        Ask(connection, LaunchRequest.LifetimeBytes(lifetime), s_nothing.Value, s_nothing.Value, s_nothing.Value)?.Dispose();
    }

    private static ProcessDescriptor? Ask(ProcessDescriptor connection, byte[] request, SafeHandle input, SafeHandle output, SafeHandle errors)
    {
        using (var memory = LocalSocket.Memory(request))
        {
            LocalSocket.Send(connection, input, output, errors, memory);
        }
        if (!ProcessWait.One(connection, s_limit))
        {
            throw ProcessLibc.Error("the launcher", Errno.ETIMEDOUT);
        }
        Span<byte> answer = stackalloc byte[8];
        var count = LocalSocket.Receive(connection, answer, out var process);
        var step = count == answer.Length ? (LaunchStep)BitConverter.ToInt32(answer) : LaunchStep.Request;
        if (count == answer.Length && step == 0)
        {
            return process;
        }
        process?.Dispose();
        throw count == answer.Length ? new LaunchException(step, BitConverter.ToInt32(answer[4..])) : ProcessLibc.Error("the launcher", Errno.ECONNRESET);
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
