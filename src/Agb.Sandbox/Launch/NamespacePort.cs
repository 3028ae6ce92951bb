using System.Net;
using System.Net.Sockets;

namespace Agb.Sandbox;

/// <summary>Connects to TCP ports on the loopback of a sandbox's own network namespace. A socket stays in the namespace of the thread
/// that made it (socket(2)), whoever uses it later.</summary>
internal static class NamespacePort
{
    // The descriptor and the message of the helper.
    private const int HelperDescriptor = 3;
    private const string Connect = "exec 3<>\"/dev/tcp/127.0.0.1/$1\" && echo ok && read -r _";

    /// <summary>Connects.</summary>
    /// <exception cref="SocketException">Nothing listens there.</exception>
    /// <exception cref="AgbException">SessionNotRunning, HostNotReady, HostExhausted.</exception>
    public static async Task<Stream> ConnectAsync(SandboxHandle handle, int port, CancellationToken cancellationToken)
    {
        handle.RequireAlive();
        Socket? socket = null;
        try
        {
            if (SandboxIdentity.IsRoot)
            {
                using var space = NetworkNamespace.Of(handle.InitPid);
                // The opened namespace is this sandbox's, not of a new owner of the pid.
                handle.RequireAlive();
                socket = NetworkNamespace.In(space, () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
                await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                socket = await ProcessRun.OnThread("agb-connect", () => ConnectByHelper(handle, port)).WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            socket.NoDelay = true;
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (Exception e) when (e is IOException || Exhaustion.Is(e))
        {
            socket?.Dispose();
            handle.RequireAlive();
            throw AgbErrors.HostExhausted("a connection to the session", e.Message, e);
        }
        catch
        {
            socket?.Dispose();
            throw;
        }
    }

    /// <summary>For an ordinary user: a shell of the host enters the namespace and connects, and this process takes the connection
    /// over. No program of the session takes part.</summary>
    private static Socket ConnectByHelper(SandboxHandle handle, int port)
    {
        var nsenter = HostTools.Require("nsenter");
        var bash = HostTools.Find("bash") ?? throw HostErrors.Missing(["bash"]);
        string[] inside = CommandEntry.SharesNetworkWithMonitor(handle)
            ? ["--net"]
            : [nsenter, "--target", handle.InitPid.ToString(CultureInfo.InvariantCulture), "--user", "--preserve-credentials", "--net"];
        string[] arguments =
        [
            nsenter, "--target", handle.MonitorPid.ToString(CultureInfo.InvariantCulture), "--user", "--preserve-credentials", .. inside,
            bash, "-c", Connect, "bash", port.ToString(CultureInfo.InvariantCulture),
        ];
        var (input, inputEnd) = ProcessDescriptor.Pipe();
        var (outputEnd, output) = ProcessDescriptor.Pipe();
        using (inputEnd)
        using (outputEnd)
        {
            int pid;
            using (input)
            using (output)
            {
                pid = ProcessSpawn.Start(arguments, HostTools.Environment, [input, output, null]);
            }
            try
            {
                Span<byte> answer = stackalloc byte[8];
                if (outputEnd.Read(answer) == 0)
                {
                    throw new SocketException((int)SocketError.ConnectionRefused);
                }
                using var helper = PidFd.TryOpen(pid) ?? throw new SocketException((int)SocketError.ConnectionReset);
                return new Socket(new SafeSocketHandle(helper.TakeDescriptor(HelperDescriptor), ownsHandle: true));
            }
            finally
            {
                // The helper ends with its input.
                inputEnd.Dispose();
                ProcessSpawn.Discard(pid);
            }
        }
    }
}
