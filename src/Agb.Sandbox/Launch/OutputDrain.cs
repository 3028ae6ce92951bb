namespace Agb.Sandbox;

/// <summary>Reads the output of a background process after its command's result was returned: without a reader the
/// process would block on a full pipe, and without a pipe SIGPIPE would end it.</summary>
internal static class OutputDrain
{
    /// <summary>Passes a pipe's read end to a detached program. It drops all output until the last writer is gone, and outlives
    /// this process.</summary>
    public static void Attach(ProcessDescriptor readEnd) =>
        ProcessSpawn.Discard(ProcessSpawn.Start(
            [HostTools.Require("setsid"), "--fork", HostTools.Require("cat")], HostTools.Environment, readEnd, null, null));
}
