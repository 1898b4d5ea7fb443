"""Screens of what is decided about the hub itself: releases, change requests, erasures."""
