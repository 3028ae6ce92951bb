using System.Diagnostics;
using System.Globalization;
using Agb.Benchmarks.Measure;

namespace Agb.Benchmarks.Peers;

/// <summary>A mount namespace for peers, which lasts until it is disposed or this process ends.</summary>
internal sealed class MountNamespace : IDisposable
{
    private readonly Process _keeper;

    private MountNamespace(Process keeper) => _keeper = keeper;

    /// <summary>The namespace's file.</summary>
    internal string File => string.Create(CultureInfo.InvariantCulture, $"/proc/{_keeper.Id}/ns/mnt");

    /// <summary>Makes a namespace and prepares it.</summary>
    /// <param name="programs">Where unshare is.</param>
    /// <param name="script">What to do in it first.</param>
    /// <exception cref="PeerException">It could not be made or prepared.</exception>
    internal static async Task<MountNamespace> CreateAsync(PeerPrograms programs, string script)
    {
        var unshare = programs.Find("unshare") ?? throw new PeerException("unshare is not installed");
        var keeper = Process.Start(new ProcessStartInfo(
            unshare, ["--mount", "--propagation", "private", "sh", "-c", $"set -e; {script}; echo ready; read -r _ || :"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        if (await keeper.StandardOutput.ReadLineAsync().ConfigureAwait(false) == "ready")
        {
            return new MountNamespace(keeper);
        }
        using (keeper)
        {
            throw new PeerException((await keeper.StandardError.ReadToEndAsync().ConfigureAwait(false)).Trim());
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _keeper.StandardInput.Close();
        _keeper.WaitForExit();
        _keeper.Dispose();
    }
}
