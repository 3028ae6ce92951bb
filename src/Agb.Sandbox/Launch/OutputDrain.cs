namespace Agb.Sandbox;

/// <summary>Keeps reading the output of a background process after its command's result was returned: without a reader the
/// process would block once the pipe is full, and without a pipe it would be ended by SIGPIPE.</summary>
internal static class OutputDrain
{
    /// <summary>Hands a pipe's read end to a program that reads and drops until the last writer is gone. It outlives this
    /// process.</summary>
    public static void Attach(ProcessDescriptor readEnd) =>
        ProcessSpawn.Discard(ProcessSpawn.Start(
            [HostTools.Require("setsid"), "--fork", HostTools.Require("cat")], HostTools.Environment, readEnd, null, null));
}
