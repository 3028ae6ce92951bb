namespace Agb.PowerShell;

/// <summary>Runs a script block in the pipeline of a cmdlet: its output to any stream goes there at once, and a stop of the
/// pipeline stops it too.</summary>
internal static class ScriptRun
{
    // The command is evaluated before its argument; this reduces the piped pair to the item alone. So the block sees the item as
    // $_ and as its first argument, and none of our variables. It has a scope, as a function has.
    private static readonly ScriptBlock s_wrapper = ScriptBlock.Create("& { process { & $_.Block ($_ = $_.Item) } }");

    /// <summary>Runs the block once.</summary>
    internal static void Run(PSCmdlet cmdlet, ScriptBlock block, object item)
    {
        var both = new PSObject();
        both.Properties.Add(new PSNoteProperty("Block", block));
        both.Properties.Add(new PSNoteProperty("Item", item));
        using var pipeline = s_wrapper.GetSteppablePipeline(CommandOrigin.Internal);
        // Not Begin(cmdlet): it would take the cmdlet's pipeline input for the block's input.
        pipeline.Begin(expectInput: true, (EngineIntrinsics)cmdlet.GetVariableValue("ExecutionContext"));
        pipeline.Process(both);
        pipeline.End();
    }
}
