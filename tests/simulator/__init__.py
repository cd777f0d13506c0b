"""The simulator, asked over real HTTP; a package because its tests share how they ask."""
